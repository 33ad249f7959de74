import cv2
import numpy as np
import pytest
import torch
from mmengine.visualization import Visualizer
from mmpretrain.structures import DataSample

from mmsca.engine.hooks import CAMVisualizationHook, cam_visualization_hook
from mmsca.evaluation import CAMLocalization
from mmsca.visualization.cam_overlay import draw_cam


@pytest.fixture
def visualizer():
    return Visualizer()


def test_panels_boxes_and_colours(visualizer):
    image = np.zeros((32, 32, 3), dtype=np.uint8)
    image[..., 0] = 200  # red
    cam = np.zeros((32, 32), dtype=np.float32)
    cam[:, 16:] = 1
    picture = draw_cam(
        visualizer, image, cam, np.array([[4, 6, 12, 14]]), None, 'text'
    )
    head = picture.shape[0] - 320
    assert picture.shape == (head + 320, 640, 3)

    left, right = picture[head:, :320], picture[head:, 320:]
    assert left[300, 160].tolist() == [200, 0, 0]
    # Jet goes from blue to red.
    assert right[300, 20, 2] > 50 > right[300, 300, 2]
    for panel in (left, right):
        red, green, blue = panel[60, 80].tolist()  # upper edge of the box
        assert green > 100 > max(red, blue)
    assert (picture[:head] < 100).any()  # the text


def test_a_predicted_box_is_red(visualizer):
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    picture = draw_cam(
        visualizer,
        image,
        np.zeros((64, 64), dtype=np.float32),
        np.zeros((0, 4), dtype=int),
        np.array([10, 10, 50, 50]),
        '',
    )
    head = picture.shape[0] - 320
    red, green, blue = picture[head + 50, 150].tolist()
    assert red > 200 and green == blue == 0


def predicted(path, label, predicted_label):
    """A prediction on an image of 32 x 32 pixels."""
    shapes = dict(ori_shape=(32, 32), img_shape=(32, 32))
    sample = DataSample(metainfo=dict(img_path=path, **shapes))
    sample.set_gt_label(label).set_pred_label(predicted_label)
    sample.pred_cam = torch.rand(32, 32)
    sample.ori_gt_bboxes = np.array([[4, 4, 12, 12]])
    sample.ori_size = (32, 32)
    return sample


class RunnerOfOneBatch:
    """What the hook reads of a runner."""

    def __init__(self, visualizer, metric):
        self.visualizer = visualizer
        self.test_evaluator = type('Evaluator', (), {'metrics': [metric]})


def test_the_hook_writes_a_red_image_as_red(visualizer, tmp_path):
    inputs = torch.zeros(3, 3, 32, 32, dtype=torch.uint8)
    inputs[:, 2] = 200  # loaded images are BGR
    samples = [predicted(f'folder/name_{i}.png', 0, 1) for i in range(3)]
    runner = RunnerOfOneBatch(visualizer, CAMLocalization(0.5))
    hook = CAMVisualizationHook(enable=True, interval=2, out_dir=str(tmp_path))
    hook.before_test_epoch(runner)
    hook.after_test_iter(runner, 0, dict(inputs=inputs), samples)

    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ['000000_name_0.png', '000002_name_2.png']
    picture = cv2.imread(str(tmp_path / written[0]))
    assert picture[-5, 160].tolist() == [0, 0, 200]


def test_a_label_beyond_the_names_shows_its_number(visualizer, monkeypatch):
    texts = []
    monkeypatch.setattr(
        cam_visualization_hook, 'draw_cam', lambda *x: texts.append(x[-1])
    )
    visualizer.dataset_meta = dict(classes=('cat', 'dog'))
    sample = predicted('a.png', 1, 7)
    hook = CAMVisualizationHook()
    monkeypatch.setattr(visualizer, 'add_image', lambda *x: None)
    hook._draw(visualizer, None, sample.to_dict(), None)
    assert texts == ['dog, predicted 7']


def test_the_hook_is_off_by_default(visualizer, tmp_path):
    hook = CAMVisualizationHook(out_dir=str(tmp_path))
    hook.after_test_iter(None, 0, None, None)
    assert not list(tmp_path.iterdir())
