"""What mmsca costs, side by side with what there is."""
