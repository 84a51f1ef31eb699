# shellcheck shell=bash
# The first file system of the guest: one static busybox, the modules that mount the rest, and guest-init.

build_initramfs() { # file
  local root=$run/initramfs dep=$kernel_dir/lib/modules/$kernel_version/modules.dep module path
  local -A seen=()
  mkdir -p "$root"/{bin,modules,proc,sys,dev,lower,upper,new,control}
  cp "$(command -v busybox)" "$root/bin/busybox"
  cp "$here/guest-init" "$root/init"
  chmod +x "$root/init"
  : >"$root/order"
  add_module() { # path as in modules.dep; what it depends on goes first
    local needed
    if [ -n "${seen[$1]:-}" ]; then return; fi
    seen[$1]=1
    for needed in $(sed -n "s|^$1: *||p" "$dep"); do add_module "$needed"; done
    cp "$kernel_dir/lib/modules/$kernel_version/$1" "$root/modules/"
    echo "/modules/${1##*/}" >>"$root/order"
  }
  for module in $boot_modules; do
    path=$(sed -n "s|^\([^:]*/${module//_/[-_]}\.ko\):.*|\1|p" "$dep" | head -1)
    if [ -n "$path" ]; then add_module "$path"; fi     # else it is built in
  done
  (cd "$root" && find . | cpio --quiet -o -H newc) >"$1"
  rm -rf "$root"
}
