"""Experiments that the tools do not make; see docs/study.md."""
