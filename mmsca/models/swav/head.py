"""Prototypes, codes and the swapped prediction loss of SwAV."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmsca.models.swav.queue import EmbeddingQueue
from mmsca.models.swav.sinkhorn import sinkhorn
from mmsca.registry import MODELS
from mmsca.utils.progress import training_progress


@MODELS.register_module()
class SwAVHead(BaseModule):
    """Assign the global views to prototypes, predict that from all others.

    Source: Caron et al., "Unsupervised Learning of Visual Features by
    Contrasting Cluster Assignments", arXiv:2006.09882, and the authors'
    main_swav.py. Prototypes have unit length: they are normalized here at
    the start, and by :class:`mmsca.PrototypeHook` after each optimizer step.

    Args:
        in_channels (int): D, dimension of the embeddings.
        num_prototypes (int | Sequence[int]): K, or one K per set of
            prototypes; the loss is the mean over the sets, as in
            DeepCluster-v2.
        num_assigned (int): A, the first views, which are assigned to
            prototypes: the global ones.
        temperature (float): Of the prediction.
        epsilon (float): Of Sinkhorn.
        iterations (int): Of Sinkhorn.
        hard (bool): Codes of a single prototype.
        joint_codes (bool): One Sinkhorn over the images of all assigned
            views, instead of one per view as the authors have it.
        queue_length (int): Past embeddings, over all ranks, that join the
            batch in Sinkhorn. 0 for none.
        queue_start (int): The queue is filled from this epoch on, and used
            once it is full.
        queue_start_by_epoch (bool): Whether `queue_start` counts epochs or
            iterations.
    """

    def __init__(
        self,
        in_channels: int,
        num_prototypes: int | Sequence[int],
        num_assigned: int = 2,
        temperature: float = 0.1,
        epsilon: float = 0.05,
        iterations: int = 3,
        hard: bool = False,
        joint_codes: bool = False,
        queue_length: int = 0,
        queue_start: int = 15,
        queue_start_by_epoch: bool = True,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if isinstance(num_prototypes, int):
            num_prototypes = [num_prototypes]
        self.prototypes = nn.ModuleList(
            nn.Linear(in_channels, k, bias=False) for k in num_prototypes
        )
        self.in_channels = in_channels
        self.num_assigned = num_assigned
        self.temperature = temperature
        self.epsilon = epsilon
        self.iterations = iterations
        self.hard = hard
        self.joint_codes = joint_codes
        self.queue_length = queue_length
        self.queue_start = queue_start
        self.queue_start_by_epoch = queue_start_by_epoch
        self.queue = self.build_queue()
        self.normalize_prototypes()

    def build_queue(self) -> EmbeddingQueue | None:
        if self.queue_length == 0:
            return None
        return EmbeddingQueue(
            self.num_assigned, self.queue_length, self.in_channels
        )

    @torch.no_grad()
    def normalize_prototypes(self) -> None:
        for layer in self.prototypes:
            layer.weight.copy_(F.normalize(layer.weight, dim=1))

    def queue_has_started(self) -> bool:
        progress = training_progress()
        now = progress.epoch if self.queue_start_by_epoch else progress.iter
        return now >= self.queue_start

    @torch.no_grad()
    def codes(self, scores: Tensor, past: Tensor) -> Tensor:
        """Codes of the assigned views.

        Args:
            scores (Tensor): Shape (A, B, K).
            past (Tensor): Scores of the queue, (A, L, K), L may be 0.

        Returns:
            Tensor: Shape (A, B, K), rows sum to 1.
        """
        a, batch_size, _ = scores.shape
        scores = torch.cat([scores, past.to(scores)], dim=1)  # (A, B + L, K)
        # One Sinkhorn for all views, or one for each.
        batches = scores.flatten(0, 1)[None] if self.joint_codes else scores
        codes = torch.stack(
            [
                sinkhorn(batch, self.epsilon, self.iterations, self.hard)
                for batch in batches
            ]
        )
        return codes.view(a, -1, codes.size(-1))[:, :batch_size]

    def swapped_prediction(
        self, scores: Tensor, past: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The loss over one set of prototypes, and the codes (A, B, K).

        Args:
            scores (Tensor): Shape (V, B, K), assigned views first.
            past (Tensor): Scores of the queue, (A, L, K).
        """
        a, num_views = self.num_assigned, len(scores)
        codes = self.codes(scores[:a].detach(), past)  # (A, B, K)
        log_p = F.log_softmax(scores / self.temperature, dim=2)  # (V, B, K)
        # Codes of view a are predicted by every view but a.
        others = log_p.sum(dim=0) - log_p[:a]  # (A, B, K)
        loss = -(codes * others).sum(dim=2).mean() / (num_views - 1)
        return loss, codes

    def loss(
        self, z: Tensor, num_views: int, queue: EmbeddingQueue | None
    ) -> tuple[Tensor, Tensor]:
        """Swapped prediction, the mean over the sets of prototypes.

        Args:
            z (Tensor): Embeddings, shape (V * B, D), unit length, ordered
                view by view, assigned views first.
            num_views (int): V.
            queue (EmbeddingQueue, optional): The queue of these embeddings.

        Returns:
            tuple[Tensor, Tensor]: The loss, and the codes (A, B, K), those
            of several sets side by side.
        """
        # fp32 whatever the autocast, since epsilon and temperature magnify
        # what bf16 rounds away; fp64 stays.
        z = z.to(torch.promote_types(z.dtype, torch.float32))
        views = z.unflatten(0, (num_views, -1))  # (V, B, D)
        assigned = views[: self.num_assigned].detach()  # (A, B, D)
        past = assigned[:, :0]  # (A, 0, D)
        if queue is not None:
            queue.check_batch(assigned.size(1))
            if self.queue_has_started():
                past = queue.slice_of_rank()  # (A, L / ranks, D)
                queue.push(assigned)

        losses, codes = [], []
        for layer in self.prototypes:
            with torch.autocast(z.device.type, enabled=False):
                scores = layer(views)  # (V, B, K)
                with torch.no_grad():
                    past_scores = layer(past.to(z))  # (A, L / ranks, K)
            loss, code = self.swapped_prediction(scores, past_scores)
            losses.append(loss)
            codes.append(code)
        return torch.stack(losses).mean(), torch.cat(codes, dim=2)
