# shellcheck shell=bash
# A stock Debian kernel in QEMU, with this machine's files over 9p.

boot_modules='virtio_pci virtio_console virtio_net 9pnet_virtio 9p overlay'
helpers=()

start_guest() { # fd of the guest's stdout, fd of its stderr
  local model=passthrough net=user,id=net,ipv6=off,restrict=on i=0 publish out args
  if (( EUID )); then model=none; fi
  share() { # id path options
    args+=(-fsdev "local,id=$1,path=${2//,/,,},multidevs=remap,$3" -device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
  }
  processors=${processors:-$(nproc)}
  args=(-nodefaults -no-user-config -display none -no-reboot -m "$memory_mib" -smp $(( processors > 8 ? 8 : processors ))
    -M 'pc,usb=off,vmport=off' -kernel "$kernel_dir/vmlinux" -initrd "$run/initrd" -serial "file:$run/console")
  local append='console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off init_on_alloc=0 audit=0 apparmor=0 nowatchdog'
  append+=' random.trust_cpu=on cgroup_no_v1=all net.ifnames=0'
  # /dev/kvm alone proves nothing: there must be a processor with virtualisation behind it
  if [ -w /dev/kvm ] && { [ -d /sys/module/kvm_intel ] || [ -d /sys/module/kvm_amd ]; }; then
    args+=(-accel kvm -cpu host)
  else
    args+=(-accel 'tcg,thread=multi,tb-size=512' -cpu max); append+=' tsc=reliable'
  fi
  args+=(-append "$append")
  share root / security_model=passthrough,readonly=on
  share control "$run" "security_model=$model"
  for out in ${outs[@]+"${outs[@]}"}; do share "out$i" "$out" "security_model=$model"; i=$((i + 1)); done
  for publish in ${publishes[@]+"${publishes[@]}"}; do net+=",hostfwd=tcp:127.0.0.1:${publish%:*}-10.0.2.15:${publish#*:}"; done
  # append=on: without it QEMU truncates, which a pipe refuses
  args+=(-netdev "$net" -device virtio-net-pci,netdev=net,romfile= -device virtio-serial-pci
    -add-fd "fd=$1,set=1" -chardev file,id=out,path=/dev/fdset/1,append=on -device virtserialport,chardev=out,nr=1,name=out
    -add-fd "fd=$2,set=2" -chardev file,id=err,path=/dev/fdset/2,append=on -device virtserialport,chardev=err,nr=2,name=err)
  { echo 'root=9p control= address=10.0.2.15/24 gateway=10.0.2.2'
    printf 'modules='; quote "$modules"; echo
    printf 'modules_dir='; quote "$kernel_dir/lib/modules"; echo; } >"$run/config"
  qemu-system-x86_64 "${args[@]}" </dev/null >"$run/vm.log" 2>&1 &
  guest_pid=$!
}
