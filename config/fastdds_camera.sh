# Run whenever the workspace is sourced: Fast DDS uses the profile for camera images, unless a
# profile is named already: to use other transports, name yours before sourcing.

if [ -z "${FASTRTPS_DEFAULT_PROFILES_FILE+set}${FASTDDS_DEFAULT_PROFILES_FILE+set}" ]; then
  # The first name is of Fast DDS 2 (Humble, Jazzy), the second of Fast DDS 3 (Kilted).
  # ament sets one prefix, colcon the other.
  FASTRTPS_DEFAULT_PROFILES_FILE="${AMENT_CURRENT_PREFIX:-$COLCON_CURRENT_PREFIX}/share/scene_clip_ros/config/fastdds_camera.xml"
  FASTDDS_DEFAULT_PROFILES_FILE="$FASTRTPS_DEFAULT_PROFILES_FILE"
  export FASTRTPS_DEFAULT_PROFILES_FILE FASTDDS_DEFAULT_PROFILES_FILE
fi
