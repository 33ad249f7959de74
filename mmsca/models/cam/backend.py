"""The methods of the grad-cam package, without what they leave behind."""

import contextlib
import inspect
import io
from collections.abc import Iterator
from functools import cache

import torch
from torch import Tensor, nn

HOOKS = ('_forward_hooks', '_forward_pre_hooks', '_backward_hooks')


@cache
def grad_cam_methods() -> dict[str, type]:
    """Classes of the installed package that make a map of a class, by name.

    Not among them: guided backpropagation, which makes a colour image, and
    deep feature factorization, which makes several maps of no class.
    """
    import pytorch_grad_cam  # slow, and most runs need none of it

    return {
        name: item
        for name, item in vars(pytorch_grad_cam).items()
        if inspect.isclass(item)
        and hasattr(item, 'forward')
        and 'target_layers' in inspect.signature(item).parameters
        and 'targets' in inspect.signature(item.forward).parameters
    }


class Tapped(nn.Module):
    """A network with a layer that stands for its last map.

    The package puts its hooks on this layer, and Ablation-CAM replaces it,
    so that neither touches the network. The gradient ends here, unless a
    method asks for that of the images.

    Args:
        network (nn.Module): A :class:`mmsca.CAMClassifier`.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.tap = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Class scores, (N, K)."""
        wanted = torch.is_grad_enabled()
        with torch.set_grad_enabled(wanted and images.requires_grad):
            maps, tail = self.network.split(images)
        if wanted and not maps.requires_grad:
            maps.requires_grad_()
        return self.network.head(tail(self.tap(maps)))


@contextlib.contextmanager
def restore_network(network: nn.Module) -> Iterator[None]:
    """Restores modes, flags, gradients and hooks, after an error too.

    Inside all parameters have gradients: Shapley-CAM needs a graph of the
    gradient, which a frozen linear layer does not give.
    """
    modes = [(m, m.training) for m in network.modules()]
    flags = [(p, p.requires_grad, p.grad) for p in network.parameters()]
    hooks = [
        (getattr(m, name), set(getattr(m, name)))
        for m in network.modules()
        for name in HOOKS
    ]
    try:
        for parameter, _, _ in flags:
            parameter.requires_grad_()
            parameter.grad = None
        yield
    finally:
        for module, training in modes:
            module.training = training
        for parameter, requires_grad, grad in flags:
            parameter.requires_grad_(requires_grad)
            parameter.grad = grad
        for table, known in hooks:
            for key in set(table) - known:
                del table[key]


def grad_cam_maps(
    name: str, network: nn.Module, images: Tensor, targets: Tensor
) -> Tensor:
    """Class maps by a method of the grad-cam package.

    Works under `torch.no_grad()` and for a frozen network, and leaves the
    network as it was, after an error too.

    Args:
        name (str): A key of `grad_cam_methods`.
        network (nn.Module): See :class:`Tapped`.
        images (Tensor): Inputs of the network, (N, 3, H, W).
        targets (Tensor): Class index of each image, (N,).

    Returns:
        Tensor: Maps as the package scales them, fp32, (N, H, W).
    """
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    method_type = grad_cam_methods()[name]
    with (
        restore_network(network),
        torch.enable_grad(),
        torch.autocast(images.device.type, enabled=False),
        # A progress bar per image, and a warning that no user can heed.
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        tapped = Tapped(network)
        method = method_type(tapped, [tapped.tap])
        images = images.detach().float()
        if 'target_idx' in inspect.signature(method.forward).parameters:
            # Finer-CAM picks the classes to tell a class from by itself,
            # given the index of one image at a time.
            maps = [
                method(image[None], target_idx=int(target))[0]
                for image, target in zip(images, targets, strict=True)
            ]
        else:
            maps = method(
                images, [ClassifierOutputTarget(int(t)) for t in targets]
            )
    maps = torch.stack([torch.as_tensor(m) for m in maps])
    return maps.float().to(images.device)
