# shellcheck shell=bash
# User Mode Linux: the kernel is a program, and hostfs gives it this machine's files.

boot_modules=overlay
helpers=()

open_tap() { # sets tap and guest_ip
  (( EUID == 0 )) || die '--publish needs root with the uml backend'
  local net=$(( $$ % 16384 )) base
  base=10.201.$(( net / 64 )).
  gateway=$base$(( net % 64 * 4 + 1 )) guest_ip=$base$(( net % 64 * 4 + 2 )) address=$guest_ip/30
  ip tuntap add dev "kvm$$" mode tap || die 'no tap device'
  tap=kvm$$
  ip addr add "$gateway/30" dev "$tap"
  ip link set "$tap" up
}

start_guest() { # fd of the guest's stdout, fd of its stderr
  local out=$1 err=$2 address='' gateway='' guest_ip='' namespaces=(-m -p -f --kill-child=KILL) processors processor
  local args=("mem=${memory_mib}M" "initrd=$run/initrd" "kernel_vm_control=$run" "uml_dir=$run" umid=uml
    con=null con0=null,fd:6 "con1=null,fd:$out" "con2=null,fd:$err" quiet
    panic=-1 mitigations=off audit=0 cgroup_no_v1=all random.trust_cpu=on)
  if (( ${#publishes[@]} )); then
    open_tap
    args+=("vec0:transport=tap,ifname=$tap,depth=64")
    node "$here/forward.mjs" "$guest_ip" "${publishes[@]}" 7>&- 8>&- & helpers=($!)
    children+=("${helpers[@]}")
  fi
  { echo "root=hostfs control=$run address=$address gateway=$gateway"
    printf 'modules='; quote "$modules"; echo
    printf 'modules_dir='; quote "$kernel_dir/lib/modules"; echo; } >"$run/config"
  # On one processor: UML goes back and forth between two processes at each system call and page
  # fault, and across processors that costs 30 times more (the other one must wake up).
  mapfile -t processors < <(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r a z; do seq "$a" "${z:-$a}"; done)
  processor=${processors[$(( $$ % ${#processors[@]} ))]}
  # In a mount namespace of its own with a read-only root, because hostfs would let the guest's root
  # write; only the control folder and the --out folders (as control/out0, out1, ...) stay writable.
  # In a process namespace of its own, so that all of UML's processes end with the first.
  if (( EUID )); then namespaces+=(-U -r); fi
  # shellcheck disable=SC2016
  local setup='run=$1; shift; mount -t proc proc /proc; mount --bind "$run" "$run"; i=0
    while [ "$1" != -- ]; do mkdir "$run/out$i"; mount --bind "$1" "$run/out$i"; i=$((i+1)); shift; done; shift
    mkdir "$run/shm"; mount -t tmpfs -o size=100% shm "$run/shm"; export TMPDIR="$run/shm"
    mount -o remount,bind,ro /; exec "$@"'
  unshare "${namespaces[@]}" sh -ec "$setup" sh "$run" ${outs[@]+"${outs[@]}"} -- \
    taskset -c "$processor" "$kernel_dir/linux" "${args[@]}" </dev/null >"$run/vm.log" 2>&1 6>"$run/console" &
  guest_pid=$!
}
