"""Prototypes, codes and the swapped prediction loss of SwAV."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmsca.models.embedding_queue import EmbeddingQueue
from mmsca.models.sinkhorn import sinkhorn
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
        num_prototypes (int): K.
        num_assigned (int): A, the first views, which are assigned to
            prototypes: the global ones. Defaults to 2.
        temperature (float): Of the prediction. Defaults to 0.1.
        epsilon (float): Of Sinkhorn. Defaults to 0.05.
        iterations (int): Of Sinkhorn. Defaults to 3.
        queue_length (int): Past embeddings, over all ranks, that join the
            batch in Sinkhorn. 0 for none. Defaults to 0.
        queue_start_epoch (int): The queue is filled from this epoch on, and
            used once it is full. Defaults to 15.
    """

    def __init__(
        self,
        in_channels: int,
        num_prototypes: int,
        num_assigned: int = 2,
        temperature: float = 0.1,
        epsilon: float = 0.05,
        iterations: int = 3,
        queue_length: int = 0,
        queue_start_epoch: int = 15,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.prototypes = nn.Linear(in_channels, num_prototypes, bias=False)
        self.num_assigned = num_assigned
        self.temperature = temperature
        self.epsilon = epsilon
        self.iterations = iterations
        self.queue_length = queue_length
        self.queue_start_epoch = queue_start_epoch
        self.queue = self.build_queue()
        self.normalize_prototypes()

    def build_queue(self) -> EmbeddingQueue | None:
        if self.queue_length == 0:
            return None
        return EmbeddingQueue(
            self.num_assigned, self.queue_length, self.prototypes.in_features
        )

    @torch.no_grad()
    def normalize_prototypes(self) -> None:
        weight = self.prototypes.weight
        weight.copy_(F.normalize(weight, dim=1))

    @torch.no_grad()
    def codes(
        self, scores: Tensor, z: Tensor, queue: EmbeddingQueue | None
    ) -> Tensor:
        """Codes of the assigned views, one Sinkhorn per view.

        Args:
            scores (Tensor): Shape (A, B, K).
            z (Tensor): Shape (A, B, D), what the queue takes.
            queue (EmbeddingQueue, optional): Joins and takes the embeddings.

        Returns:
            Tensor: Shape (A, B, K), rows sum to 1.
        """
        batch_size = scores.size(1)
        if queue is not None:
            if training_progress().epoch >= self.queue_start_epoch:
                past = self.prototypes(queue.slice_of_rank())  # (A, L/r, K)
                scores = torch.cat([scores, past.to(scores)], dim=1)
                queue.push(z)
        return torch.stack(
            [
                sinkhorn(view, self.epsilon, self.iterations)[:batch_size]
                for view in scores
            ]
        )

    def loss(
        self, z: Tensor, num_views: int, queue: EmbeddingQueue | None
    ) -> tuple[Tensor, Tensor]:
        """Swapped prediction.

        Args:
            z (Tensor): Embeddings, shape (V * B, D), unit length, ordered
                view by view, assigned views first.
            num_views (int): V.
            queue (EmbeddingQueue, optional): The queue of these embeddings.

        Returns:
            tuple[Tensor, Tensor]: The loss, and the codes (A, B, K).
        """
        a = self.num_assigned
        scores = self.prototypes(z).unflatten(0, (num_views, -1))  # (V, B, K)
        z = z.detach().unflatten(0, (num_views, -1))  # (V, B, D)
        codes = self.codes(scores[:a].detach(), z[:a], queue)  # (A, B, K)

        log_p = F.log_softmax(scores.float() / self.temperature, dim=2)
        # Codes of view a are predicted by every view but a.
        others = log_p.sum(dim=0) - log_p[:a]  # (A, B, K)
        loss = -(codes * others).sum(dim=2).mean() / (num_views - 1)
        return loss, codes
