"""Language as a sensor for ROS 2: zero-shot scene labels, boxes, alerts and search with CLIP."""
