"""Augmentation that depends on the sample and the epoch alone."""

from mmcv.transforms import BaseTransform

from mmsca.datasets.samplers import Draw
from mmsca.registry import TRANSFORMS
from mmsca.utils.errors import InputError
from mmsca.utils.seeding import seed_all


@TRANSFORMS.register_module()
class SeedDraw(BaseTransform):
    """Seed what the transforms after it draw, by (seed, epoch, index).

    The first of a training pipeline. The key comes with the index from
    :class:`mmsca.KeyedSampler`.
    """

    def transform(self, results: dict) -> dict:
        """Seed all generators of this process.

        Raises:
            InputError: If the sampler gave a bare index.
        """
        draw = results['sample_idx']
        if not isinstance(draw, Draw):
            raise InputError(
                'mmsca.SeedDraw got an index without a key. Set '
                "train_dataloader.sampler.type to 'mmsca.KeyedSampler', or "
                'take mmsca.SeedDraw out of the pipeline.'
            )
        seed_all(*draw.key, int(draw))
        return results
