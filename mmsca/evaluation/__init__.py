from mmsca.evaluation.localization import CAMLocalization

__all__ = ['CAMLocalization']
