"""A resumed run is the run that was stopped, or says that it is not."""

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, EpochBasedTrainLoop

from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError
from mmsca.utils.settings import Change, changes, differences

# Hooks watch more often than they train, and a longer training begins as the
# shorter one did. They are named, and stop nothing.
NAMED_ONLY = ('custom_hooks', 'default_hooks', 'train_cfg.max_')
# State of a schedule that changes from step to step, or follows from the lr.
COUNTERS = (
    'base_values',
    'last_step',
    '_global_step',
    '_last_value',
    'verbose',
)


@HOOKS.register_module()
class ResumedSettingsHook(Hook):
    """Compares the settings of a run with those of the checkpoint it resumes.

    What changed is logged. What makes the run another one than that which
    was stopped is an error: other data, batches, model, optimizer, schedule
    or seed, or no state of the optimizer. mmengine would take lr, schedule
    and seed of the checkpoint, whatever the config says.

    The tools give every training this hook.

    Args:
        allow_changes (bool): Whether to go on nevertheless, under today's
            settings: the schedules are stepped to where the run is, and an
            optimizer of another type starts anew.
    """

    # Before the weights are compared: a changed setting says why they differ.
    priority = 'HIGHEST'

    def __init__(self, allow_changes: bool = False) -> None:
        self.allow_changes = allow_changes
        self.catches_up = False

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Compare, before anything of the checkpoint is taken.

        Raises:
            InputError: It is no checkpoint of a training, its training went
                further than this one is to go, or changes are not allowed.
        """
        if not runner._resume or not isinstance(runner._train_loop, BaseLoop):
            return
        source = str(runner._load_from or runner.work_dir)
        check_parts(checkpoint, source)
        meta = checkpoint['meta']
        check_length(runner.train_loop, meta, source)
        try:
            found = changes(meta['cfg'], runner.cfg.pretty_text)
        except SyntaxError as error:
            raise InputError(
                f"'{source}' cannot be resumed: its meta.cfg is no config, "
                f'{error}.'
            ) from error
        breaking = [c for c in found if not c[0].startswith(NAMED_ONLY)]
        breaking += other_differences(runner, checkpoint)
        found += [change for change in breaking if change not in found]
        if not found:
            return
        text = ''.join(f'\n  {k}: {old!r} -> {new!r}' for k, old, new in found)
        if breaking and not self.allow_changes:
            raise InputError(
                f"'{source}' was trained under other settings:{text}\n"
                'The run would not be the one that was stopped. Resume with '
                'the settings of the checkpoint, start anew in another '
                "--work-dir, or go on under today's with --allow-changes."
            )
        runner.logger.warning(f"'{source}' had other settings:{text}")
        if breaking:
            self.catches_up = True
            take_todays_settings(runner, checkpoint, breaking)

    def before_train(self, runner) -> None:
        if self.catches_up:
            step_schedules(runner)


def check_parts(checkpoint, source: str) -> None:
    """Check that a checkpoint has what `Runner.resume` takes from it."""
    held = checkpoint if isinstance(checkpoint, dict) else {}
    missing = [
        part
        for part in ('state_dict', 'meta', 'message_hub')
        if not isinstance(held.get(part), dict)
    ]
    if not missing:
        meta = held['meta']
        missing = [
            f'meta.{name}'
            for name, kind in dict(epoch=int, iter=int, cfg=str).items()
            if not isinstance(meta.get(name), kind)
        ]
    if missing:
        raise InputError(
            f"'{source}' cannot be resumed: it has no {', '.join(missing)}. "
            'Give a checkpoint that a training wrote, or start a new one from '
            f'its weights with --cfg-options load_from={source}'
        )


def check_length(loop: BaseLoop, meta: dict, source: str) -> None:
    """Check that the training is to go as far as it went already."""
    unit, done, end = 'iter', meta['iter'], loop.max_iters
    if isinstance(loop, EpochBasedTrainLoop):
        unit, done, end = 'epoch', meta['epoch'], loop.max_epochs
    if done > end:
        raise InputError(
            f"'{source}' has done {done} {unit}s, and train_cfg.max_{unit}s "
            f'is {end}. Set it to {done} or more, or test the checkpoint '
            'with `mmsca test`.'
        )


def other_differences(runner, checkpoint: dict) -> list[Change]:
    """Differences that no field of the config shows."""
    meta, loop = checkpoint['meta'], runner.train_loop
    found = [
        (f'{part} in the checkpoint', 'none', 'needed')
        for part in ('optimizer', 'param_schedulers')
        if part not in checkpoint
        and (part == 'optimizer' or runner.param_schedulers)
    ]
    saved = as_list(checkpoint.get('param_schedulers'))
    today = [one.state_dict() for one in as_list(runner.param_schedulers)]
    found += differences(
        dict(param_scheduler=list(map(settings_of, saved))),
        dict(param_scheduler=list(map(settings_of, today))),
    )
    if isinstance(loop, EpochBasedTrainLoop):
        epoch, done, length = meta['epoch'], meta['iter'], len(loop.dataloader)
        if not epoch * length <= done <= (epoch + 1) * length:
            name = 'iterations of an epoch (images, batch size, ranks)'
            found.append((name, done // max(epoch, 1), length))
    return found


def as_list(schedules: list | dict | None) -> list:
    """Schedules of one optimizer, or of several by their names."""
    if isinstance(schedules, dict):
        return [one for name in sorted(schedules) for one in schedules[name]]
    return schedules or []


def settings_of(schedule: dict) -> dict:
    """The state of a schedule without what changes from step to step."""
    return {k: v for k, v in schedule.items() if k not in COUNTERS}


def take_todays_settings(runner, checkpoint: dict, found: list) -> None:
    """Keep a resumed run from the settings that its checkpoint holds."""
    checkpoint['meta'].pop('seed', None)
    checkpoint.pop('param_schedulers', None)
    saved = checkpoint.get('optimizer', {}).get('param_groups', [])
    today = runner.optim_wrapper.state_dict().get('param_groups', [])
    sizes = [[len(group['params']) for group in g] for g in (saved, today)]
    other = 'optim_wrapper.optimizer.type' in [key for key, *_ in found]
    if other or sizes[0] != sizes[1] or not saved:
        checkpoint.pop('optimizer', None)
    else:
        checkpoint['optimizer']['param_groups'] = today


def step_schedules(runner) -> None:
    """Step schedules to the epoch and iteration of a runner."""
    loop = runner.train_loop
    in_epochs = isinstance(loop, EpochBasedTrainLoop)
    for iteration in range(1, loop.iter + 1):
        ended = in_epochs and iteration % len(loop.dataloader) == 0
        for schedule in as_list(runner.param_schedulers):
            if ended or not schedule.by_epoch:
                schedule.step()
