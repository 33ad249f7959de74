"""What SCA needs of the method that it is added to."""

from mmsca.registry import MODELS
from mmsca.utils.errors import InputError
from mmsca.utils.progress import training_progress


class GuidedMethod:
    """Mixin of a method with a `neck`: the add-on, its weight and its start.

    In the warm-up and with weight 0 the method is left as it is, to the bit.
    Nothing of this lives in the backbone.

    Args:
        sca (dict): A :class:`mmsca.SpatialCrossAttention`, without its
            `in_channels`, which are those of the neck.
        weight (float): w, the share of what is guided, in [0, 1].
        warmup (float): Fraction of the training without SCA, while clusters
            mean nothing yet, in [0, 1].
        **kwargs: Of the method.
    """

    def __init__(
        self, sca: dict, weight: float = 0.1, warmup: float = 0.2, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        for name, value in dict(weight=weight, warmup=warmup).items():
            if not 0 <= value <= 1:
                raise InputError(
                    f'model.{name} must be in [0, 1], got {value}.'
                )
        in_channels = kwargs['neck']['in_channels']
        self.sca = MODELS.build(dict(sca, in_channels=in_channels))
        self.weight = weight
        self.warmup = warmup

    def sca_is_on(self) -> bool:
        """Whether this step of the training is guided."""
        started = training_progress().fraction >= self.warmup
        return self.weight > 0 and started
