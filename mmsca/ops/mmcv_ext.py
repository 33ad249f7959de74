"""The operators of `mmcv._ext` that torchvision has, under mmcv's names.

Signatures follow mmcv/ops/nms.py and mmcv/ops/roi_align.py (mmcv 2.x), which
call with tensors first and write results into the given buffers.
"""

import torchvision  # noqa: F401  registers torch.ops.torchvision
from torch import Tensor
from torch import ops as torch_ops


def nms(
    boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int
) -> Tensor:
    """Indices of the kept boxes, best score first.

    Args:
        boxes (Tensor): Shape (N, 4), x1 y1 x2 y2.
        scores (Tensor): Shape (N, ).
        iou_threshold (float): Boxes that overlap a better one more than
            this are dropped.
        offset (int): 0, or 1 where x2 and y2 lie inside the box, so that
            its width is x2 - x1 + 1.

    Returns:
        Tensor: Shape (K, ), int64.
    """
    boxes = boxes + boxes.new_tensor([0, 0, offset, offset])
    return torch_ops.torchvision.nms(boxes, scores, iou_threshold)


def roi_align_forward(
    input: Tensor,
    rois: Tensor,
    output: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Fill `output` (K, C, H, W) with the pooled features of `rois`.

    Args:
        input (Tensor): Shape (N, C, H_in, W_in).
        rois (Tensor): Shape (K, 5): batch index, x1 y1 x2 y2.
        pool_mode (int): 1 (average); mmcv's 0 (max) is not available.
    """
    check_average_pooling(pool_mode)
    output.copy_(
        torch_ops.torchvision.roi_align(
            input,
            rois,
            spatial_scale,
            aligned_height,
            aligned_width,
            sampling_ratio,
            aligned,
        )
    )


def roi_align_backward(
    grad_output: Tensor,
    rois: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    grad_input: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Fill `grad_input` (N, C, H_in, W_in) from `grad_output` (K, C, H, W)."""
    check_average_pooling(pool_mode)
    grad_input.copy_(
        torch_ops.torchvision._roi_align_backward(
            grad_output,
            rois,
            spatial_scale,
            aligned_height,
            aligned_width,
            *grad_input.shape,
            sampling_ratio,
            aligned,
        )
    )


def check_average_pooling(pool_mode: int) -> None:
    if pool_mode != 1:
        raise NotImplementedError(
            "torchvision has no RoIAlign with pool_mode='max'. Use 'avg', or "
            'install an mmcv with compiled operators.'
        )


def get_compiler_version() -> str:
    """Stands in the `collect_env` report that users attach to questions."""
    return 'n/a (operators from torchvision)'


get_compiling_cuda_version = get_compiler_version


def __getattr__(name: str):
    # mmcv checks with `hasattr` that operators exist when it is imported, so
    # a missing one answers, and explains itself when it is called.
    if name.startswith('__'):
        raise AttributeError(name)

    def missing(*args, **kwargs):
        raise NotImplementedError(
            f"the operator '{name}' of mmcv is not compiled here, and "
            'torchvision has no counterpart. Install an mmcv with compiled '
            'operators that matches your torch.'
        )

    return missing
