#!/usr/bin/env python3
"""Times OpenCV's filter2D, PyTorch's conv2d, training with PyTorch and Keras, what looks inside a network with plain
PyTorch (hooks and autograd), and whole networks with ONNX Runtime, for the benchmark, which asks on standard input.

A question is a line "SECONDS filter2D ROWS COLUMNS CHANNELS KERNEL SEPARABLE",
"SECONDS conv2d ROWS COLUMNS CHANNELS FILTERS GROUPS KERNEL STRIDE PADDING",
"SECONDS torch-train NETWORK BATCH" or "SECONDS keras-train NETWORK BATCH",
"SECONDS class-means NETWORK PICTURES", "SECONDS METHOD NETWORK" of grad-cam, saliency, score-cam and occlusion, or
"SECONDS onnx MODEL INPUT OUTPUT" (an .onnx file, an .npy file, and where to write the result as another); the answer
is a line of milliseconds, one a run, empty where the module is missing. The first line tells the modules' versions,
empty when there are none.
Arguments: threads, and the modules to load, "cv2,torch", "tensorflow" or "onnxruntime": PyTorch and TensorFlow do not
bear one process.
PyTorch runs in the faster of its two memory formats, Keras through fit, compiled into a graph as it does by default.
"""
import functools
import importlib
import os
import shlex
import sys
import time

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['KERAS_BACKEND'] = 'tensorflow'

threads, wanted = int(sys.argv[1]), sys.argv[2].split(',')
versions = []

def load(name):
    """The module, or None where it is missing or another process is to have it."""
    try:
        return importlib.import_module(name) if name in wanted else None
    except ImportError:
        return None

cv2, torch, tf, ort = load('cv2'), load('torch'), load('tensorflow'), load('onnxruntime')
if cv2:
    np = importlib.import_module('numpy')
    cv2.setNumThreads(threads)
    versions.append('OpenCV ' + cv2.__version__)
if torch:
    torch.set_num_threads(threads)
    versions.append('PyTorch ' + torch.__version__)
if tf:
    keras = importlib.import_module('keras')
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    versions.append(f'Keras {keras.__version__} on TensorFlow {tf.__version__}')

if ort:
    np = importlib.import_module('numpy')
    versions.append('ONNX Runtime ' + ort.__version__)

def measure(run, seconds):
    run()
    start = time.perf_counter()
    run()
    batch = max(1, min(10000, int(1e-3 / max(time.perf_counter() - start, 1e-7))))
    runs, end = [], time.perf_counter() + seconds
    while len(runs) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(batch):
            run()
        runs.append((time.perf_counter() - start) * 1e3 / batch)
    return runs

def median(runs):
    return sorted(runs)[len(runs) // 2]

def filter2d(seconds, rows, columns, channels, size, separable):
    if not cv2:
        return []
    rng = np.random.default_rng(0)
    shape = (rows, columns) if channels == 1 else (rows, columns, channels)
    picture = rng.random(shape, dtype=np.float32)
    out = np.empty_like(picture)
    column, row = rng.random(size, dtype=np.float32), rng.random(size, dtype=np.float32)
    if separable:
        return measure(lambda: cv2.sepFilter2D(picture, cv2.CV_32F, row, column, dst=out), seconds)
    kernel = rng.random((size, size), dtype=np.float32) - .5
    return measure(lambda: cv2.filter2D(picture, cv2.CV_32F, kernel, dst=out), seconds)

def memory_formats():
    return torch.contiguous_format, torch.channels_last

def faster(runs_of_formats):
    return min(runs_of_formats, key=median)

def conv2d(seconds, rows, columns, channels, filters, groups, size, stride, padding):
    if not torch:
        return []
    answers = []
    for memory_format in memory_formats():
        x = torch.rand(1, channels, rows, columns).to(memory_format=memory_format)
        w = torch.rand(filters, channels // groups, size, size).to(memory_format=memory_format)
        with torch.inference_mode():
            answers.append(
                measure(lambda: torch.nn.functional.conv2d(x, w, None, stride, padding, 1, groups), seconds / 2))
    return faster(answers)

# Networks by name: the picture (rows, columns, channels) and the layers, a word each with its numbers:
# conv FILTERS SIZE STRIDE PADDING ACTIVATION; pool SIZE STRIDE; dense UNITS ACTIVATION; dropout RATE; flatten.
NETWORKS = {
    'fashion-cnn': ((28, 28, 1), [
        ('conv', 64, 3, 1, 0, 'relu'), ('pool', 2, 2), ('conv', 64, 3, 1, 0, 'relu'), ('pool', 2, 2), ('flatten',),
        ('dense', 128, 'relu'), ('dense', 10, None)]),
    'keras-mnist': ((28, 28, 1), [
        ('conv', 32, 3, 1, 1, None), ('pool', 2, 2), ('conv', 16, 3, 1, 1, None), ('pool', 2, 2), ('flatten',),
        ('dense', 10, None)]),
    'lenet': ((28, 28, 1), [
        ('conv', 4, 5, 1, 2, 'tanh'), ('pool', 2, 2), ('conv', 6, 5, 1, 2, 'tanh'), ('pool', 2, 2), ('flatten',),
        ('dense', 1024, 'tanh'), ('dropout', .5), ('dense', 10, None)]),
    'alexnet-torch': ((224, 224, 3), [
        ('conv', 64, 11, 4, 2, 'relu'), ('pool', 3, 2), ('conv', 192, 5, 1, 2, 'relu'), ('pool', 3, 2),
        ('conv', 384, 3, 1, 1, 'relu'), ('conv', 256, 3, 1, 1, 'relu'), ('conv', 256, 3, 1, 1, 'relu'), ('pool', 3, 2),
        ('flatten',), ('dropout', .5), ('dense', 4096, 'relu'), ('dropout', .5), ('dense', 4096, 'relu'),
        ('dense', 1000, None)]),
}

def torch_layers(network):
    (rows, _, channels), words = NETWORKS[network]
    nn, flat = torch.nn, False
    activations = {'relu': nn.ReLU, 'tanh': nn.Tanh}
    for kind, *numbers in words:
        if kind == 'conv':
            filters, size, stride, padding, activation = numbers
            yield nn.Conv2d(channels, filters, size, stride, padding)
            channels, rows = filters, (rows + 2 * padding - size) // stride + 1
        elif kind == 'pool':
            size, stride = numbers
            yield nn.MaxPool2d(size, stride)
            rows, activation = (rows - size) // stride + 1, None
        elif kind == 'dense':
            units, activation = numbers
            yield nn.Linear(channels if flat else channels * rows * rows, units)
            channels, flat = units, True
        elif kind == 'dropout':
            yield nn.Dropout(*numbers)
            activation = None
        else:
            yield nn.Flatten()
            activation = None
        if activation:
            yield activations[activation]()

@functools.lru_cache(maxsize=2)
def torch_step(network, batch, memory_format):
    torch.manual_seed(0)
    (rows, columns, channels), _ = NETWORKS[network]
    model = torch.nn.Sequential(*torch_layers(network)).to(memory_format=memory_format)
    x = torch.rand(batch, channels, rows, columns).to(memory_format=memory_format)
    y = torch.randint(0, 10, (batch,))
    optimizer, loss = torch.optim.Adam(model.parameters(), lr=1e-5), torch.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return step

def torch_train(seconds, network, batch):
    if not torch:
        return []
    return faster([measure(torch_step(network, batch, memory_format), seconds / 2)
                   for memory_format in memory_formats()])

def resnet18():
    """As torchvision builds it."""
    nn = torch.nn

    def convolution(channels, filters, size, stride):
        return nn.Sequential(nn.Conv2d(channels, filters, size, stride, size // 2, bias=False), nn.BatchNorm2d(filters))

    class Block(nn.Module):
        def __init__(self, channels, filters, stride):
            super().__init__()
            self.first, self.second = convolution(channels, filters, 3, stride), convolution(filters, filters, 3, 1)
            self.shortcut = convolution(channels, filters, 1, stride) if stride > 1 else nn.Identity()

        def forward(self, x):
            return torch.relu(self.second(torch.relu(self.first(x))) + self.shortcut(x))

    blocks = [Block(*sizes) for sizes in ((64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2),
                                          (256, 256, 1), (256, 512, 2), (512, 512, 1))]
    return nn.Sequential(convolution(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks, nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(512, 1000))

@functools.lru_cache(maxsize=4)
def looked_into(network, memory_format):
    """The network, whose weights need no gradients, a picture, and the layer of its class activation maps."""
    torch.manual_seed(0)
    if network == 'resnet18':
        (rows, _, channels), model = (224, 224, 3), resnet18()
        layer = model[-4]
    else:
        (rows, _, channels), _ = NETWORKS[network]
        model = torch.nn.Sequential(*torch_layers(network))
        layer = [a for a, b in zip(model[1:], model) if isinstance(b, torch.nn.Conv2d)][-1]  # its activation
    model = model.eval().requires_grad_(False).to(memory_format=memory_format)
    return model, torch.rand(1, channels, rows, rows).to(memory_format=memory_format), layer

def keeping(layer, kept):
    def keep(_, __, output):
        kept.append(output.requires_grad_())
    return layer.register_forward_hook(keep)

def grad_cam(model, picture, layer):
    kept = []
    hook = keeping(layer, kept)
    score = model(picture)[0, 3]
    hook.remove()
    gradient, = torch.autograd.grad(score, kept[0])
    cam = (gradient.mean((2, 3), keepdim=True) * kept[0].detach()).sum(1, keepdim=True).relu()
    return torch.nn.functional.interpolate(cam, picture.shape[2:], mode='bilinear')

def saliency(model, picture, _):
    shown = picture.clone().requires_grad_()
    gradient, = torch.autograd.grad(model(shown)[0, 3], shown)
    return gradient.abs().amax(1)

def scores(model, pictures):
    return torch.cat([model(part)[:, 3] for part in pictures.split(8)])

def occlusion(model, picture, _):
    rows = picture.shape[2]
    window, stride = rows // 7, rows // 14
    with torch.inference_mode():
        hidden = picture.repeat(170, 1, 1, 1)
        for i in range(169):
            y, x = i // 13 * stride, i % 13 * stride
            hidden[i, :, y:y + window, x:x + window] = 0
        of_all = scores(model, hidden)
        return of_all[169] - of_all[:169]

def score_cam(model, picture, layer):
    kept = []
    hook = layer.register_forward_hook(lambda _, __, output: kept.append(output))
    with torch.inference_mode():
        model(picture)
        hook.remove()
        masks = torch.nn.functional.interpolate(kept[0], picture.shape[2:], mode='bilinear')[0, :, None]
        low, high = masks.amin((2, 3), keepdim=True), masks.amax((2, 3), keepdim=True)
        weights = scores(model, picture * (masks - low) / (high - low).clamp_min(1e-12)).softmax(0)
        return (weights[:, None, None] * kept[0][0]).sum(0).relu()

def class_means(seconds, network, pictures):
    if not torch:
        return []
    answers = []
    for memory_format in memory_formats():
        model, picture, _ = looked_into(network, memory_format)
        images = torch.randint(0, 256, (pictures, *picture.shape[1:]), dtype=torch.uint8)
        labels = torch.arange(pictures) % 10

        def means():
            sums = {}

            def add(layer, _, output):
                flat = output.reshape(len(output), -1).double()
                if layer not in sums:
                    sums[layer] = torch.zeros(10, flat.shape[1], dtype=torch.double)
                sums[layer].index_add_(0, batch_labels, flat)
            hooks = [layer.register_forward_hook(add) for layer in model]
            with torch.inference_mode():
                for part, batch_labels in zip(images.split(64), labels.split(64)):
                    model(part.float().to(memory_format=memory_format) / 255)
            for hook in hooks:
                hook.remove()
            counts = labels.bincount(minlength=10)[:, None]
            return [(one / counts).float() for one in sums.values()]
        answers.append(measure(means, seconds / 2))
    return faster(answers)

def attribution(method):
    def timed(seconds, network):
        if not torch:
            return []
        return faster([measure(functools.partial(method, *looked_into(network, memory_format)), seconds / 2)
                       for memory_format in memory_formats()])
    return timed

@functools.lru_cache(maxsize=1)
def keras_model(network, batch):
    picture, words = NETWORKS[network]
    layers = keras.layers
    model = keras.Sequential([layers.Input(picture)])
    for kind, *numbers in words:
        if kind == 'conv':
            filters, size, stride, padding, activation = numbers
            if stride > 1 and padding > 0:
                model.add(layers.ZeroPadding2D(padding))
                padding = 0
            model.add(layers.Conv2D(filters, size, stride, 'same' if padding else 'valid', activation=activation))
        elif kind == 'pool':
            model.add(layers.MaxPooling2D(*numbers))
        elif kind == 'dense':
            model.add(layers.Dense(numbers[0], activation=numbers[1]))
        elif kind == 'dropout':
            model.add(layers.Dropout(*numbers))
        else:
            model.add(layers.Flatten())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-5), loss=loss)
    x = tf.random.uniform((batch, *picture))
    y = tf.random.uniform((batch,), 0, 10, tf.int32)
    data = tf.data.Dataset.from_tensors((x, y)).repeat()

    def epoch(steps):
        start = time.perf_counter()
        model.fit(data, steps_per_epoch=steps, epochs=1, verbose=0, shuffle=False)
        return (time.perf_counter() - start) * 1e3 / steps
    epoch(5)
    return epoch

def keras_train(seconds, network, batch):
    if not tf:
        return []
    epoch = keras_model(network, batch)
    # An epoch has a beginning and an end of its own, which should not count.
    steps = max(3, min(400, int(seconds * 1e3 / 3 / epoch(3))))
    return [epoch(steps) for _ in range(3)]

@functools.lru_cache(maxsize=1)
def onnx_session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=['CPUExecutionProvider'])

def onnx(seconds, model, given, result):
    if not ort:
        return []
    try:
        session = onnx_session(model)
    except Exception as error:  # an operation or opset that it does not know; the other questions go on
        print(f'{model}: {error}', file=sys.stderr)
        return []
    inputs = {session.get_inputs()[0].name: np.load(given)}
    np.save(result, session.run(None, inputs)[0])
    return measure(lambda: session.run(None, inputs), seconds)

print(', '.join(versions), flush=True)
QUESTIONS = {'filter2D': filter2d, 'conv2d': conv2d, 'torch-train': torch_train, 'keras-train': keras_train,
             'class-means': class_means, 'grad-cam': attribution(grad_cam), 'saliency': attribution(saliency),
             'occlusion': attribution(occlusion), 'score-cam': attribution(score_cam), 'onnx': onnx}
for line in sys.stdin:
    seconds, question, *words = shlex.split(line)
    runs = QUESTIONS[question](float(seconds), *[int(w) if w.isdigit() else w for w in words])
    print(' '.join(f'{ms:.6f}' for ms in runs), flush=True)
