# Run whenever the workspace is sourced: Fast DDS uses the profile for camera images, unless a
# profile is named already. To keep the stock transports, set the variable to nothing before
# sourcing: export FASTRTPS_DEFAULT_PROFILES_FILE=

_scene_clip_profile="$AMENT_CURRENT_PREFIX/share/scene_clip_ros/config/fastdds_camera.xml"
if [ -z "${FASTRTPS_DEFAULT_PROFILES_FILE+set}${FASTDDS_DEFAULT_PROFILES_FILE+set}" ]; then
  export FASTRTPS_DEFAULT_PROFILES_FILE="$_scene_clip_profile"  # Fast DDS 2: Humble, Jazzy
  export FASTDDS_DEFAULT_PROFILES_FILE="$_scene_clip_profile"   # Fast DDS 3: Kilted
fi
unset _scene_clip_profile
