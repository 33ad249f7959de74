"""What only a GPU can show of a training step."""

import shutil
from functools import partial

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from mmengine.registry import MODELS, init_default_scope
from small_runs import data_root_options
from test_engine.test_resume import PRETRAIN, SWAV, assert_same, final_state
from tiny_swav import tiny_swav
from torch import nn

from mmsca.augmentation import Recipe, augment
from mmsca.engine.optimizers import LARC, BF16OptimWrapper
from mmsca.models.multi_crop_preprocessor import MultiCropPreprocessor
from mmsca.utils.memory_failure import memory_failure

pytestmark = pytest.mark.gpu
SCA = dict(
    type='mmsca.SwAVSCA',
    sca=dict(type='mmsca.SpatialCrossAttention', num_negatives=3),
    warmup=0,
)
SIDES = [32, 32, 16]
# A scale that needs no steps to be found.
FP16 = partial(AmpOptimWrapper, loss_scale=dict(init_scale=1024.0))


@pytest.fixture
def progress(request):
    """The run is in its second epoch, half-way."""
    hub = MessageHub.get_instance(request.node.name)
    hub.update_info_dict(dict(epoch=1, iter=5, max_iters=10))


def build(**fields):
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    cfg = tiny_swav(queue_length=24, queue_start=0)
    cfg.update(fields)
    model = MODELS.build(cfg).train().cuda()
    return model, LARC(model.parameters(), lr=0.1, momentum=0.9)


def random_views(batch_size=12):
    torch.manual_seed(1)
    return [torch.randn(batch_size, 3, s, s, device='cuda') for s in SIDES]


def take_steps(wrapper_type, count=3, **fields):
    """Losses, and how far the weights of the backbone went."""
    model, optimizer = build(**fields)
    wrapper = wrapper_type(optimizer=optimizer)
    start = nn.utils.parameters_to_vector(model.backbone.parameters())
    start, losses = start.detach().clone(), []
    for _ in range(count):
        with wrapper.optim_context(model):
            loss = model.loss(random_views())['loss']
        wrapper.update_params(loss)
        losses.append(loss.detach())
    end = nn.utils.parameters_to_vector(model.backbone.parameters())
    return torch.stack(losses), (end - start).detach()


@pytest.mark.parametrize(
    'wrapper_type', [BF16OptimWrapper, FP16], ids=['bf16', 'fp16']
)
def test_mixed_precision_is_fp32_within_bounds(wrapper_type, progress):
    losses, way = take_steps(wrapper_type)
    expected_losses, expected_way = take_steps(OptimWrapper)
    torch.testing.assert_close(losses, expected_losses, rtol=0.02, atol=0)
    cosine = torch.cosine_similarity(way, expected_way, dim=0)
    assert cosine > 0.9
    assert not torch.equal(way, expected_way)


@pytest.mark.parametrize(
    'wrapper_type', [BF16OptimWrapper, FP16], ids=['bf16', 'fp16']
)
def test_sca_in_mixed_precision_is_finite(wrapper_type, progress):
    losses, way = take_steps(wrapper_type, **SCA)
    expected_losses, _ = take_steps(OptimWrapper, **SCA)
    assert way.isfinite().all() and way.any()
    # Another partner may be the best one.
    torch.testing.assert_close(losses, expected_losses, rtol=0.1, atol=0)


@pytest.mark.parametrize('fields', [{}, SCA], ids=['swav', 'sca'])
def test_no_operation_waits_for_the_gpu(fields, progress):
    model, optimizer = build(**fields)
    preprocessor = MultiCropPreprocessor([127.0] * 3, [64.0] * 3).cuda()
    recipe = Recipe(solarize=0.3)
    num_bytes = sum(3 * side * side for side in SIDES)
    parameters = torch.stack(
        [torch.from_numpy(recipe.draw(len(SIDES))) for _ in range(12)]
    )
    batch = dict(
        inputs=torch.randint(256, (12, num_bytes), dtype=torch.uint8),
        boxes=torch.zeros(12, len(SIDES), 4, dtype=torch.long),
        flips=torch.zeros(12, len(SIDES), dtype=torch.bool),
    )
    batch = {key: value.pin_memory() for key, value in batch.items()}
    batch.update(sides=SIDES, augmentation=parameters)

    def step():
        views = preprocessor(batch, True)['inputs']
        with torch.autocast('cuda', torch.bfloat16):
            loss = model.loss(views)['loss']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.head.normalize_prototypes()

    step()  # constants come to the GPU, and cuDNN chooses
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode('error')
    try:
        for _ in range(3):  # with a queue that fills, and a full one
            step()
    finally:
        torch.cuda.set_sync_debug_mode('default')
    assert model.head.queue.filled == 24


def test_maps_are_in_channels_last(progress):
    model, _ = build()
    maps, _ = model.extract_maps(random_views())
    assert maps.is_contiguous(memory_format=torch.channels_last)
    assert not maps.is_contiguous()


def test_augmentation_is_that_of_the_cpu():
    torch.manual_seed(0)
    views = torch.randint(256, (32, 3, 40, 40), dtype=torch.uint8)
    parameters = torch.from_numpy(Recipe(solarize=0.3).draw(32))
    ours = augment(views.cuda(), parameters).cpu()
    difference = (ours - augment(views, parameters)).abs()
    # Next to a threshold or a fold of the hue a rounding error is a step.
    assert difference.median() < 1e-3
    assert (difference > 0.5).float().mean() < 1e-3


def test_resume_is_bit_for_bit(run_tool, material_scenes, tmp_path):
    def run(work_dir, *flags):
        run_tool(
            'train.py',
            *(PRETRAIN, '--work-dir', work_dir, *flags, '--cfg-options'),
            *data_root_options(PRETRAIN, material_scenes),
            *SWAV,
            'train_cfg.max_epochs=2',
            'default_hooks.checkpoint.interval=1',
            'randomness.deterministic=True',
        )

    whole, resumed = tmp_path / 'whole', tmp_path / 'resumed'
    run(whole)
    resumed.mkdir()
    shutil.copy(whole / 'epoch_1.pth', resumed)
    run(resumed, '--resume')
    assert_same(final_state(resumed), final_state(whole))


def test_out_of_memory_is_known():
    with pytest.raises(torch.OutOfMemoryError) as error:
        torch.empty(2**50, dtype=torch.uint8, device='cuda')
    said = memory_failure(error.value, [], None)
    assert said.startswith('The GPU, asked for another 1048576.00 GiB, is out')
