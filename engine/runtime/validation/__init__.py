"""Device against float over labelled pictures: accuracy, the layers that hurt, and what it costs on this machine."""
