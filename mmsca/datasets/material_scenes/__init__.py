"""MaterialScenes: labelled, boxed and masked scenes from bundled photographs.

Importing this package reads no image; the generator lives in
`mmsca.datasets.material_scenes.writer`.
"""

from mmsca.datasets.material_scenes.photographs import CLASSES
from mmsca.datasets.material_scenes.settings import Settings
