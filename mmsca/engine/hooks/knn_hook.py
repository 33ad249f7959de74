"""Nearest neighbours of the features, while they are being pretrained."""

import torch
from mmengine.dist import all_gather, all_reduce, get_rank, get_world_size
from mmengine.hooks import Hook
from mmpretrain.models import ImageClassifier
from mmpretrain.utils import get_ori_model
from torch import Tensor

from mmsca.datasets.classes import refuse_other_classes
from mmsca.evaluation.knn import knn_predict
from mmsca.models.features import extract_features
from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError
from mmsca.utils.seeding import kept_randomness


@HOOKS.register_module()
class KNNHook(Hook):
    """Logs `knn/top1`, in percent, to the Visualizer after an epoch.

    As tools/knn.py classifies, on the pooled output of `model.backbone`.
    Training does not notice: weights, running statistics and random
    generators are left as they are.

    On several ranks each extracts its share of the images. All of them
    gather the training features and classify the test images of their share.

    Args:
        train_dataloader (dict): Of labelled images, the neighbours. Give its
            pipeline no augmentation; `indices` of its data set makes it
            small, as the features are compared on the CPU.
        test_dataloader (dict): Of labelled images to classify.
        k (int): Number of neighbours.
        temperature (float): A neighbour of similarity s votes with
            exp(s / temperature).
        interval (int): Epochs from one time to the next.

    Raises:
        InputError: If k, temperature or interval is too small, and before
            training, if a data set has no labels or their classes differ.
    """

    def __init__(
        self,
        train_dataloader: dict,
        test_dataloader: dict,
        k: int = 20,
        temperature: float = 0.07,
        interval: int = 1,
    ) -> None:
        if k < 1 or interval < 1 or temperature <= 0:
            raise InputError(
                'KNNHook needs k and interval of 1 or more and a temperature '
                f'above 0, got k={k}, interval={interval}, '
                f'temperature={temperature}.'
            )
        self.dataloaders = dict(
            train_dataloader=train_dataloader, test_dataloader=test_dataloader
        )
        self.k = k
        self.temperature = temperature
        self.interval = interval

    def before_train(self, runner) -> None:
        for name, cfg in self.dataloaders.items():
            loader = runner.build_dataloader(cfg, seed=runner.seed)
            if 'gt_label' not in loader.dataset.get_data_info(0):
                raise InputError(
                    f'KNNHook.{name} needs labels, and '
                    f'{type(loader.dataset).__name__} has none. Use a data '
                    'set of configs/classification: mmsca.ClassFolders.'
                )
            self.dataloaders[name] = loader
        refuse_other_classes(
            **{
                f'KNNHook.{name}': loader.dataset
                for name, loader in self.dataloaders.items()
            }
        )

    def after_train_epoch(self, runner) -> None:
        if not self.every_n_epochs(runner, self.interval):
            return
        model = get_ori_model(runner.model)
        with kept_randomness():
            top1 = self.evaluate(model)
        model.train()
        runner.visualizer.add_scalars({'knn/top1': top1}, step=runner.iter)
        runner.logger.info(f'knn/top1: {top1:.2f}')

    def evaluate(self, model) -> float:
        """Top-1 accuracy of a model in percent over all ranks."""
        # All of it: SCA on other methods asks the method whether it trains.
        model.eval()
        # The very modules of the model, so nothing is copied.
        classifier = ImageClassifier(
            backbone=model.backbone,
            neck=dict(type='GlobalAveragePooling'),
            data_preprocessor=model.data_preprocessor,
        )
        loader = self.dataloaders['train_dataloader']
        bank, bank_labels = (
            gather_rows(part, len(loader.dataset))
            for part in extract_features(classifier, loader)
        )
        loader = self.dataloaders['test_dataloader']
        features, labels = extract_features(classifier, loader)
        # Without those that pad the ranks to even shares.
        size = len(loader.dataset)
        own = len(range(get_rank(), size, get_world_size()))
        (predicted,) = knn_predict(
            features[:own], bank, bank_labels, [self.k], self.temperature
        ).values()
        hits = (predicted == labels[:own]).sum()
        all_reduce(hits)
        return 100 * hits.item() / size


def gather_rows(part: Tensor, size: int) -> Tensor:
    """What all ranks hold, in the order of the data set.

    Args:
        part (Tensor): One row for each image of this rank, (n, ...); image i
            is row i // R of rank i % R, as DefaultSampler deals them out.
        size (int): Images of the data set; what comes after is padding.

    Returns:
        Tensor: (size, ...).
    """
    return torch.stack(all_gather(part), dim=1).flatten(0, 1)[:size]
