# shellcheck shell=bash
# Fetches the kernel (and the programs that start it) by apt.

install_tools() {
  local missing=()
  need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }   # command package
  need depmod kmod; need cpio cpio; need unshare util-linux; need ip iproute2; need busybox busybox-static
  if [ "$backend" = qemu ]; then need qemu-system-x86_64 qemu-system-x86; need zstd zstd; need xz xz-utils; fi
  # a dynamically linked busybox does not run in an initramfs
  if ldd "$(command -v busybox)" >/dev/null 2>&1; then missing+=(busybox-static); fi
  if ! (( ${#missing[@]} )); then return; fi
  (( EUID == 0 )) || die "not installed, and only root can install it: ${missing[*]}"
  echo "kernel-vm: installing ${missing[*]}" >&2
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
    install -y --no-install-recommends "${missing[@]}"; } </dev/null >&2 9>&- || die "apt-get could not install ${missing[*]}"
}

# Unpacks a Debian package of any suite under FOLDER/x, through an apt state of its own, so that
# neither this machine's sources nor its package database change.
fetch() ( # suite folder package
  suite=$1 folder=$2 package=$3
  key=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | sed -n 's|/debian/$||p' | head -1)
  mirror=${mirror:-http://deb.debian.org}
  [ -r $key ] || { echo "kernel-vm: no $key (package debian-archive-keyring)" >&2; exit 1; }
  mkdir -p "$folder"/{lists/partial,archives/partial,none}
  cd "$folder" || exit 1
  echo "deb [arch=amd64 signed-by=$key] $mirror/debian $suite main" >sources
  case $suite in *-backports) ;; *) echo "deb [arch=amd64 signed-by=$key] $mirror/debian-security $suite-security main" >>sources;; esac
  cat >apt.conf <<C
Dir::Etc::sourcelist "$folder/sources"; Dir::Etc::sourceparts "$folder/none"; Dir::Etc::preferencesparts "$folder/none";
Dir::State::lists "$folder/lists"; Dir::State::status "/dev/null"; Dir::Cache "$folder";
APT::Architecture "amd64"; APT::Sandbox::User "root"; Acquire::Retries "3";
C
  export APT_CONFIG=$folder/apt.conf
  apt-get -qq update >&2 || exit 1
  packages=("$package")
  if [ "$package" = linux-image ]; then
    # the full flavour (the cloud flavour has no 9p), which since 7.3 comes in several packages
    packages=("$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -1)")
    mapfile -t -O 1 packages < <(apt-cache depends "${packages[0]}" |
      sed -n 's/^ *Depends: \(linux-\(binary\|modules\|base\)-[0-9].*\)$/\1/p')
  fi
  apt-get -qq download "${packages[@]}" >&2 || exit 1
  for deb in *.deb; do dpkg -x "$deb" x || exit 1; done
)

prepare_kernel() {
  kernel_dir=$cache/${backend}${kernel:+-$kernel}
  if ! [ -d "$kernel_dir" ]; then
    local fetched
    fetched=$(mktemp -d "$cache/fetch.XXXXXX")
    mkdir -p "$fetched/ready/lib"
    "unpack_$backend" "$fetched" 9>&- || { rm -rf "$fetched"; die 'could not fetch the kernel'; }
    mv "$fetched/ready" "$kernel_dir"
    rm -rf "$fetched"
  fi
  kernel_version=$(ls "$kernel_dir/lib/modules")
}

unpack_uml() { # folder
  fetch bookworm "$1" user-mode-linux &&
  mv "$1/x/usr/lib/uml/modules" "$1/ready/lib/modules" &&
  mv "$1/x/usr/bin/linux.uml" "$1/ready/linux" &&
  depmod -b "$1/ready" "$(ls "$1/ready/lib/modules")"
}

unpack_qemu() { # folder
  local ready=$1/ready suite modules version
  case $kernel in 6.1) suite=bookworm;; 6.12) suite=trixie;; new) suite=trixie-backports;; esac
  fetch "$suite" "$1" linux-image || return 1
  modules=$(find "$1/x/lib" "$1/x/usr/lib" -maxdepth 1 -name modules 2>/dev/null | head -1)
  mv "$modules" "$ready/lib/modules" || return 1
  version=$(ls "$ready/lib/modules")
  cp "$(find "$1/x" "$ready/lib/modules" -name 'vmlinuz*' -type f | head -1)" "$ready/vmlinuz" || return 1
  # what no test of a network needs
  rm -rf "$ready/lib/modules/$version/kernel/"{sound,drivers/{gpu,media,infiniband,staging,scsi,iio,hwmon,isdn,mtd,usb,input,platform},drivers/net/{ethernet,wireless,can,usb}}
  # an emulated processor takes long over compressed modules
  find "$ready/lib/modules" -name '*.ko.xz' -print0 | xargs -0 -r -P"$(nproc)" -n64 xz -d || return 1
  find "$ready/lib/modules" -name '*.ko.zst' -print0 | xargs -0 -r -P"$(nproc)" -n64 zstd -q -d --rm || return 1
  depmod -b "$ready" "$version" 2>/dev/null
  extract_elf "$ready/vmlinuz" "$ready/vmlinux"
}

# QEMU starts the bare ELF kernel by PVH: nothing to decompress in the guest, 2 to 6 s less.
extract_elf() { # vmlinuz vmlinux
  local at unpack
  for at in $(LC_ALL=C grep -obUaP '\x28\xb5\x2f\xfd|\xfd7zXZ\x00' "$1" | cut -d: -f1); do
    for unpack in 'zstd -dcq' 'xz -dcq --single-stream'; do
      # the payload is followed by other bytes, about which both programs complain
      tail -c +$((at + 1)) "$1" 2>/dev/null | $unpack >"$2" 2>/dev/null || true
      if LC_ALL=C head -c4 "$2" | grep -q ELF; then rm "$1"; return; fi
    done
  done
  echo 'kernel-vm: no ELF kernel inside vmlinuz' >&2
  return 1
}
