from mmsca.datasets.image_folder import ImageFolder  # noqa: F401
from mmsca.datasets.samplers import KeyedSampler  # noqa: F401
from mmsca.datasets.wsol import WSOLDataset  # noqa: F401
