"""The batch of all ranks, and what ranks send one another of it."""

import torch
import torch.distributed as dist
from mmengine.dist import all_gather, all_reduce, get_world_size
from torch import Tensor

from mmsca.utils.rank_groups import ranks_of_group


class RankBatch:
    """The samples of all ranks, in the order that one process has them.

    One process has the images of the first view, then those of the next one.
    Samplers deal images out to the ranks in turn: image i goes to rank i % R.
    So every index below is the same on any number of ranks. Ranks may have
    different numbers of images.

    All ranks of a group make a RankBatch at the same time, and call its
    methods together.

    Args:
        num_samples (int): N, samples of this rank, ordered view by view.
        num_views (int): Views of each image among them.
        group_size (int, optional): R, consecutive ranks that share a batch.
            1 is this rank alone. Defaults to None, all ranks.
        device (torch.device, optional): Of the tensors. Defaults to None,
            the CPU.

    Attributes:
        ids (Tensor): Shape (M, ), int64, the place of each image in the batch
            of the group. Views of an image share it.
        own (Tensor): Shape (N, ), where the samples of this rank are.
    """

    def __init__(
        self,
        num_samples: int,
        num_views: int = 1,
        group_size: int | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.group, self.rank = None, 0
        counts = torch.full((1,), num_samples, device=device)
        self.counts = [num_samples]
        if group_size != 1 and get_world_size() > 1:
            self.group = ranks_of_group(
                group_size or get_world_size(), 'model.sca.group_size'
            )
            self.rank = dist.get_rank(self.group)
            counts = torch.cat(all_gather(counts, self.group))
            self.counts = counts.tolist()
        total, ranks = sum(self.counts), len(self.counts)

        # Of each sample, rank by rank as collectives have them: (M, ).
        rank = torch.arange(ranks, device=device)
        rank = rank.repeat_interleave(counts, output_size=total)
        first = (counts.cumsum(0) - counts)[rank]
        place = torch.arange(total, device=device) - first
        images = (counts // num_views).clamp(min=1)[rank]
        ids = place % images * ranks + rank
        view = place // images
        self.order = (view * ranks * max(self.counts) + ids).argsort()
        self.ids = ids[self.order]
        self.rank_of, self.place_of = rank[self.order], place[self.order]
        start = sum(self.counts[: self.rank])
        self.own = self.order.argsort()[start : start + num_samples]

    @property
    def ranks(self) -> int:
        """R, the ranks that share the batch."""
        return len(self.counts)

    def mean(self, rows: Tensor) -> Tensor:
        """Mean over the rows (n, ...) of all ranks, shape (...)."""
        total = rows.sum(dim=0)
        if self.ranks == 1:
            return total / len(rows)
        flat = torch.cat([total.flatten(), total.new_full((1,), len(rows))])
        all_reduce(flat, group=self.group)
        return (flat[:-1] / flat[-1]).view_as(total)

    def gather(self, rows: Tensor) -> Tensor:
        """Rows of all samples, (N, ...) -> (M, ...)."""
        if self.ranks == 1:
            return rows
        # Collectives want the same shape of every rank.
        padded = rows.new_zeros(max(self.counts), *rows.shape[1:])
        padded[: len(rows)] = rows
        parts = all_gather(padded, self.group)
        parts = [p[:n] for p, n in zip(parts, self.counts, strict=True)]
        return torch.cat(parts)[self.order]

    def share(self, rows: Tensor, wanted: Tensor) -> Tensor:
        """The same few rows on all ranks, (S, ...).

        Args:
            rows (Tensor): Shape (N, ...), of this rank's samples.
            wanted (Tensor): Shape (S, ), indices of samples of the batch,
                equal on all ranks.
        """
        if self.ranks == 1:
            return rows[wanted]
        here = self.rank_of[wanted] == self.rank  # (S, )
        place = torch.where(here, self.place_of[wanted], 0)
        if len(rows) == 0:
            rows = rows.new_zeros(1, *rows.shape[1:])
        here = here.view(-1, *[1] * (rows.dim() - 1))
        # The others add zeros. Not every backend adds in bf16.
        found = torch.where(here, rows[place], 0).float()
        all_reduce(found, group=self.group)
        return found.to(rows.dtype)

    def fetch(self, rows: Tensor, wanted: Tensor) -> Tensor:
        """The rows that this rank asks for, from wherever they are.

        Either all rows are gathered, (R - 1) N of them, or each rank gets
        what it chose, at most (R - 1) / R of its N x P. The fewer are sent.

        Args:
            rows (Tensor): Shape (N, ...), of this rank's samples.
            wanted (Tensor): Shape (N, P), indices of samples of the batch.

        Returns:
            Tensor: Shape (N, P, ...).
        """
        if self.ranks == 1:
            return rows[wanted]
        if self.ranks <= wanted.size(1):
            return self.gather(rows)[wanted]
        chosen, places = wanted.unique(return_inverse=True)
        owner = self.rank_of[chosen]
        by_owner = owner.argsort(stable=True)
        asked = owner.bincount(minlength=self.ranks)
        answered = torch.empty_like(asked)
        dist.all_to_all_single(answered, asked, group=self.group)
        asked, answered = torch.stack([asked, answered]).tolist()
        requests = self._exchange(
            self.place_of[chosen[by_owner]], asked, answered
        )
        found = self._exchange(rows[requests], answered, asked)
        return found[by_owner.argsort()[places]]

    def _exchange(
        self, rows: Tensor, sent: list[int], received: list[int]
    ) -> Tensor:
        """All-to-all of rows (n, ...), some to each rank."""
        result = rows.new_empty(sum(received), *rows.shape[1:])
        dist.all_to_all_single(
            result, rows.contiguous(), received, sent, group=self.group
        )
        return result
