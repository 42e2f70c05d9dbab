"""The demonstration: plays a drive through real ROS topics and shows what the node says."""
