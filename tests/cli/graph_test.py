#!/usr/bin/env python3
"""A network's graph, as a user asks for it. Usage: graph_test.py PROGRAM DATA"""
import json

from command_line import CommandLineTest, main


class Graphs(CommandLineTest):
    def graph(self, *arguments):
        return json.loads(self.done("graph", *arguments, "--json"))

    def test_json_has_every_tensor_and_node_and_they_fit_together(self):
        graph = self.graph("lenet")
        self.assertEqual((graph["model"], graph["trained"]), ("lenet", False))
        tensors = {tensor["name"]: tensor for tensor in graph["tensors"]}
        self.assertEqual(len(tensors), len(graph["tensors"]))
        known = {name for name, tensor in tensors.items() if tensor["role"] != "computed"}
        for node in graph["nodes"]:
            self.assertLessEqual(set(node["inputs"]), known, node["name"])  # each after those that it reads
            known |= set(node["outputs"])
        self.assertEqual(known, set(tensors))
        self.assertLessEqual(set(graph["outputs"]), known)
        self.assertEqual(sum(node["multiply_adds"] for node in graph["nodes"]), graph["multiply_adds"])

    def test_json_agrees_with_the_summary(self):
        graph, summary = self.graph("resnet18"), json.loads(self.done("summary", "resnet18", "--json"))
        parameters = 0
        for tensor in graph["tensors"]:
            if tensor["role"] == "parameter":
                count = 1
                for length in tensor["shape"]:
                    count *= length
                parameters += count
                self.assertEqual(tensor["dtype"], "float32")
        self.assertEqual(parameters, summary["parameters"])
        first = next(node for node in graph["nodes"] if node["operation"] == "Conv")
        self.assertEqual(first["attributes"]["strides"], [2, 2])

    def test_a_figure_and_the_json_in_one_run(self):
        graph = self.graph("udacity-filters", "-o", "graph.svg")
        self.assertIn("conv", self.bytes_of("graph.svg").decode())
        self.assertEqual(graph["outputs"], ["conv"])
        self.assertEqual(self.run_program("graph", "lenet", "--json", "--show").returncode, 2)


if __name__ == "__main__":
    main()
