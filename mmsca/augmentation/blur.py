"""The Gaussian blur of PIL, on batches of views."""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

# PIL repeats its box filter three times along each axis.
PASSES = 3
# Pixels that the passes together see to either side, at radii up to 2.
REACH = 6
# Rows that are blurred by one product: the matrix is a band.
ROWS = 32


def gaussian_blur(views: Tensor, radii: Tensor) -> Tensor:
    """Blur views, fp32 (N, 3, S, S), each by its own radius.

    Equals PIL's `ImageFilter.GaussianBlur`, edges included, but for the
    rounding that PIL does after each of its six passes. Radii, (N, ), are
    standard deviations in pixels, in [0, 2].
    """
    # mmengine prepares data under autocast, which is too coarse for levels.
    with torch.autocast(views.device.type, enabled=False):
        matrix = blur_matrix(radii, views.size(-1))[:, None]  # (N, 1, S, S)
        return banded_product(matrix, banded_product(matrix, views).mT).mT


def banded_product(matrix: Tensor, views: Tensor) -> Tensor:
    """`matrix @ views` of a matrix that is 0 beyond REACH of its diagonal."""
    size = views.size(-2)
    parts = []
    for row in range(0, size, ROWS):
        band = slice(max(row - REACH, 0), row + ROWS + REACH)
        block = matrix[..., row : row + ROWS, band]
        parts.append(block @ views[..., band, :])
    return torch.cat(parts, dim=-2)


def blur_matrix(radii: Tensor, size: int) -> Tensor:
    """Matrices that blur a column of pixels, (N, size, size)."""
    half = 2 * REACH
    if size <= 2 * half:
        return small_matrix(radii, size)
    small = small_matrix(radii, 2 * half)
    matrix = radii.new_zeros(len(radii), size, size)
    matrix[:, :half, : 2 * half] = small[:, :half]
    matrix[:, -half:, -2 * half :] = small[:, half:]
    # Away from the edges all rows are one kernel, along the diagonal.
    middle = matrix.as_strided(
        (len(radii), size - 2 * half, 2 * REACH + 1),
        (size * size, size + 1, 1),
        half * size + half - REACH,
    )
    middle.copy_(small[:, half, None, half - REACH : half + REACH + 1])
    return matrix


def small_matrix(radii: Tensor, size: int) -> Tensor:
    """As :func:`blur_matrix`, from the definition."""
    kernel = box_kernel(radii)  # (N, 5)
    one = (kernel @ shifts(size, radii.device)).view(-1, size, size)
    return torch.linalg.matrix_power(one, PASSES)


@lru_cache
def shifts(size: int, device: torch.device) -> Tensor:
    """Matrices that fetch the pixel at -2, ..., 2, (5, size * size).

    Beyond an edge that is the outermost pixel, in each pass, as in PIL.
    """
    padded = F.pad(
        torch.eye(size, device=device)[None], (2, 2), mode='replicate'
    )[0]
    return padded.unfold(1, size, 1).permute(1, 2, 0).reshape(5, -1)


def box_kernel(radii: Tensor) -> Tensor:
    """Kernel of one extended box filter, (N, 5), symmetric with sum 1.

    An extended box has a fractional tap at each end, so that the passes
    together have the wanted variance (Gwosdek et al., Theoretical foundations
    of Gaussian convolution by extended box filtering, 2011).
    """
    variance = radii.double().square() / PASSES
    whole = ((12 * variance + 1).sqrt() / 2 - 0.5).floor()
    fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance)
    reach = whole + fraction / (6 * (variance - (whole + 1) ** 2))
    offsets = torch.arange(-2, 3, device=radii.device).abs()
    inside = (reach[:, None] + 1 - offsets).clamp(0, 1)
    return (inside / inside.sum(dim=1, keepdim=True)).to(radii.dtype)
