"""The angle of two coordinates in ONNX, which has only the arctangent of one number."""

import math
from typing import Any

import onnxscript

op: Any = onnxscript.opset18


def arctangent(y: Any, x: Any) -> Any:
    """``torch.atan2(y, x)``; zeros count as positive.

    That of torch.onnx is -pi instead of pi for zeros over negative numbers, as in the bins at 0 Hz and at
    Nyquist (torch 2.14).

    Shape:
        y, x: shapes that broadcast
        returns: the shape of both
    """
    zero = op.CastLike(0.0, x)
    below, left, steep = op.Less(y, zero), op.Less(x, zero), op.Greater(op.Abs(y), op.Abs(x))
    divisor = op.Where(steep, y, x)
    divisor = op.Where(op.Equal(divisor, zero), op.CastLike(1.0, x), divisor)
    angle = op.Atan(op.Div(op.Where(steep, x, y), divisor))
    flat = op.Add(angle, op.Where(left, _signed(math.pi, below, x), zero))
    return op.Where(steep, op.Sub(_signed(math.pi / 2, below, x), angle), flat)


def _signed(value: float, negative: Any, like: Any) -> Any:
    return op.Where(negative, op.CastLike(-value, like), op.CastLike(value, like))
