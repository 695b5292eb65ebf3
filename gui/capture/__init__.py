"""Qt-free frame sources: camera, video, stream, images, synthetic, demo."""
