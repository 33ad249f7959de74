from mmsca.datasets.transforms.multi_crop import MultiCrop  # noqa: F401
