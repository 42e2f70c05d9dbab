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

# An environment that was not made beside a sourced ROS 2 holds the wheels and is itself the prefix;
# another ROS 2 must not get in between.
if grep -q '^include-system-site-packages = false' "$VIRTUAL_ENV/pyvenv.cfg"; then
  if [ -n "${ROS_DISTRO:-}" ]; then
    unset ROS_DISTRO LD_LIBRARY_PATH
  fi
  unset PYTHONPATH
  export AMENT_PREFIX_PATH="$VIRTUAL_ENV" CMAKE_PREFIX_PATH="$VIRTUAL_ENV"
fi

COLCON_CURRENT_PREFIX="$_scene_clip_root/install"
. "$COLCON_CURRENT_PREFIX/local_setup.sh"
unset _scene_clip_root COLCON_CURRENT_PREFIX
