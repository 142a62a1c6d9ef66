# What people type. Each target does whatever it needs first, the system packages included; CMake does the building.
#   make build    the program, at build/convscope
#   make demo     a folder of figures from the bundled pictures
#   make test     every test
# CMAKE_ARGS is passed on to CMake: make test CMAKE_ARGS=-DCONVSCOPE_WERROR=ON
CMAKE_ARGS ?=
DEMO_DIR ?= demo-output
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
PRESET ?= release
PYTHON ?= python3

# The release preset builds in build/, the others in build-NAME/ (CMakePresets.json).
BUILD_DIR = $(if $(filter release,$(PRESET)),build,build-$(PRESET))
BUILD = cmake --build $(BUILD_DIR) --parallel $(JOBS)
SOURCES = find convscope app bench examples tests fuzz \( -name '*.h' -o -name '*.cc' \) -print0

.PHONY: setup configure build demo test bench gallery format check-format clean

build: configure
	$(BUILD)

setup:
	@scripts/setup

configure: setup
	@cmake --preset $(PRESET) $(CMAKE_ARGS)

demo: configure
	$(BUILD) --target convscope_cli
	$(BUILD_DIR)/convscope demo $(DEMO_DIR)

test: build
	ctest --test-dir $(BUILD_DIR) --output-on-failure --parallel $(JOBS)

# The peers (OpenCV, PyTorch, Keras on TensorFlow, ONNX Runtime) are measured beside convscope where PYTHON has them, and
# the .onnx files of a folder, as bench/export_models.py writes them: make bench PYTHON=venv/bin/python MODELS=folder
bench: build
	$(BUILD_DIR)/bench/convscope_bench --python $(PYTHON) --peers bench/peers.py --models "$(MODELS)" \
	  --program $(BUILD_DIR)/convscope --picture data/pictures/chelsea.png
	@if [ -d web/node_modules ]; then node bench/studio.mjs $(BUILD_DIR)/convscope; fi

gallery: build
	python3 scripts/make_gallery.py $(BUILD_DIR)

format: setup
	$(SOURCES) | xargs -0 clang-format -i

check-format: setup
	$(SOURCES) | xargs -0 clang-format --dry-run --Werror

clean:
	rm -rf build build-* $(DEMO_DIR)
