# Source this in bash or zsh to use what `make setup` made, in this shell:
#
#     source scripts/env.sh
#
# The virtual environment, the built package, and the Fast DDS profile for camera images.

_scene_clip_root="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)"

export VIRTUAL_ENV="$_scene_clip_root/.venv"
case ":$PATH:" in
  *":$VIRTUAL_ENV/bin:"*) ;;
  *) export PATH="$VIRTUAL_ENV/bin:$PATH" ;;
esac

# Without a sourced ROS 2, the environment with the wheels is its prefix.
if [ -z "${ROS_DISTRO:-}" ]; then
  export AMENT_PREFIX_PATH="$VIRTUAL_ENV"
fi

COLCON_CURRENT_PREFIX="$_scene_clip_root/install"
. "$COLCON_CURRENT_PREFIX/local_setup.sh"
unset _scene_clip_root COLCON_CURRENT_PREFIX
