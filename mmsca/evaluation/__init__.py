from mmsca.evaluation.localization import CAMLocalization
from mmsca.evaluation.pixel_ap import CAMPixelAP
from mmsca.evaluation.stage_accuracy import StageAccuracy
