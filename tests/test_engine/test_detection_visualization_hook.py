from types import SimpleNamespace

import numpy as np
import torch
from mmdet.structures import DetDataSample
from mmdet.visualization import DetLocalVisualizer
from mmengine.structures import InstanceData
from PIL import Image

from mmsca.engine.hooks import DetectionVisualizationHook


def test_pictures_show_what_the_detector_saw(tmp_path):
    """A photograph of 16 bits that is stored lying and was annotated so."""
    stored = np.full((64, 96), 25700, np.uint16)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / 'a.png'
    Image.fromarray(stored).save(path, exif=exif)
    sample = DetDataSample(
        metainfo=dict(img_path=str(path), ori_shape=(64, 96)),
        pred_instances=InstanceData(
            bboxes=torch.tensor([[8.0, 8.0, 40.0, 40.0]]),
            labels=torch.tensor([0]),
            scores=torch.tensor([0.9]),
        ),
    )
    visualizer = DetLocalVisualizer()
    visualizer.dataset_meta = dict(classes=('cat',), palette=[(255, 0, 0)])
    runner = SimpleNamespace(visualizer=visualizer)
    out = tmp_path / 'pictures'
    hook = DetectionVisualizationHook(
        draw=True, interval=2, test_out_dir=str(out)
    )
    hook.before_test_epoch(runner)
    for batch in range(3):
        hook.after_test_iter(runner, batch, outputs=[sample])
    assert sorted(p.name for p in out.iterdir()) == [
        '000000_a.png',
        '000002_a.png',
    ]
    picture = np.asarray(Image.open(out / '000000_a.png').convert('RGB'))
    truth, found = picture[:, :96], picture[:, 96:]
    assert truth.shape == found.shape == (64, 96, 3)
    assert (truth == 100).all() and (found[8:40, 8:40] != 100).any()


def test_nothing_is_drawn_unless_asked_for(tmp_path):
    DetectionVisualizationHook().after_test_iter(None, 0, outputs=[None])
