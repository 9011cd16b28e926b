"""Make the golden of Basic Pitch's front end with the ONNX graph in the wheel of basic-pitch 0.4.0.

The package needs TensorFlow; its graph needs only onnxruntime. Download and unpack the wheel, and run:

    pip download --no-deps basic-pitch==0.4.0 && unzip basic_pitch-0.4.0-*.whl -d basic_pitch_wheel
    python tests/oracles/make_basic_pitch_golden.py basic_pitch_wheel

``goldens/basic_pitch.npz`` contains every ninth frame of what the network sees of :func:`clip`.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

STEP = 9


def clip() -> np.ndarray:
    """Two notes with partials and noise 50 dB below, 43844 samples at 22.05 kHz."""
    time = np.arange(43844) / 22050
    notes = sum(np.sin(2 * np.pi * k * f * time) / k for f in (220.0, 329.6) for k in range(1, 6))
    noise = np.random.default_rng(0).standard_normal(len(time))
    return (0.1 * notes * np.exp(-time) + 3e-4 * noise).astype(np.float32)


def main(folder: Path) -> None:
    model = onnx.load(folder / "basic_pitch" / "saved_models" / "icassp_2022" / "nmp.onnx")
    made = [name for node in model.graph.node for name in node.output]
    stacked = next(name for name in made if name.endswith("harmonic-stacking-diff/strided_slice_7"))
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(stacked))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result = session.run([stacked], {session.get_inputs()[0].name: clip()[None, :, None]})[0]
    path = Path(__file__).parent / "goldens" / "basic_pitch.npz"
    np.savez_compressed(path, frames=result[0, ::STEP])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
