import { constants } from "node:os";

import { assembleFilter, type Action, type Condition, type Filter } from "./filter.js";
import type { Tier } from "./jail-parts.js";

/**
 * System-call filters in the kernel's classic BPF: one allow-list, from which candidates and judges lose some more.
 * What is not allowed fails with EPERM.
 *
 * The jail's filter is the outer wall and holds for everything in a cell. The candidate's and the judge's are put on
 * top by the warden, in the child, before any code that is not ours. So are the two of commands: `program` for what stays
 * the one process that it is, `processes` for what may start others (shells, compilers).
 */
export type FilterName = "jail" | "candidate" | "judge" | "program" | "processes";

/** In the candidate's filter this stands for the process's own pid; the warden replaces it after the fork. */
export const OWN_PID = 0x7a55a7;

/** These stand for the addresses of the path and of the arguments by which the warden, and nobody after it, executes. */
const EXECUTED_ONCE: Condition = {
  equal64: [
    { argument: 0, low: 0x7a55b0, high: 0x7a55b1 },
    { argument: 1, low: 0x7a55b2, high: 0x7a55b3 },
  ],
};

const COMMON = `
  read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close close_range fstat stat lstat
  newfstatat statx lseek mmap mprotect munmap brk mremap madvise msync mincore rt_sigaction rt_sigprocmask
  rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack poll ppoll select pselect6 epoll_create
  epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 pipe pipe2 dup dup2 dup3 fcntl flock fsync
  fdatasync truncate ftruncate fallocate fadvise64 getdents getdents64 getcwd chdir fchdir rename renameat
  renameat2 mkdir mkdirat rmdir creat link linkat unlink unlinkat symlink symlinkat readlink readlinkat chmod
  fchmod fchmodat umask open openat access faccessat faccessat2 utime utimes utimensat futimesat statfs
  fstatfs sendfile copy_file_range splice tee getpid getppid gettid getuid geteuid getgid getegid getgroups
  getresuid getresgid getpgrp getpgid getsid uname sysinfo getrlimit getrusage times gettimeofday time
  clock_gettime clock_getres clock_nanosleep nanosleep alarm pause setitimer getitimer timer_create
  timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime futex set_robust_list get_robust_list rseq
  set_tid_address arch_prctl sched_yield sched_getaffinity sched_getparam sched_getscheduler
  sched_get_priority_max sched_get_priority_min getpriority getcpu getrandom membarrier exit exit_group
  restart_syscall eventfd eventfd2 recvfrom shutdown getsockname getsockopt setsockopt capget
`
  .trim()
  .split(/\s+/);

/** What the warden needs to fork, watch and end its children, and to start at all. */
const WARDEN = `
  fork vfork wait4 waitid tkill execve setrlimit sendmsg recvmsg seccomp pidfd_open setpgid setsid
  sched_setaffinity memfd_create io_uring_setup io_uring_register
`
  .trim()
  .split(/\s+/);

const CLONE_THREAD = 0x10000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET and NEWTIME. */
export const CLONE_NEW_ANY = 0x7e020080;
const AF_UNIX = 1;
const SCHED_OTHER = 0;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
const PR_SET_VMA = 0x53564d41;
/**
 * What programs ask of a descriptor: copies of it, its flags, locks, the size of a pipe, seals. Not: signals to others,
 * leases, which make whoever opens the file wait, and hints, which stay with the file.
 */
const FCNTLS = [3, 4, 1, 2, 1030, 0, 5, 6, 7, 36, 37, 38, 9, 11, 16, 1031, 1032, 1033, 1034];
const ENOSYS = constants.errno.ENOSYS;

/** Terminal attributes and window size, bytes to read, close-on-exec, non-blocking: what programs ask of their streams. */
const IOCTLS = [0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451];

const EVERYWHERE: Readonly<Record<string, Condition>> = {
  // Its flags are behind a pointer, where no filter can look; the C library falls back to clone.
  clone3: { failsWith: ENOSYS },
  ioctl: { argument: 1, oneOf: IOCTLS },
  fcntl: { argument: 1, oneOf: FCNTLS },
  // Some runtimes ask for what they have.
  sched_setscheduler: { argument: 1, oneOf: [SCHED_OTHER] },
  socketpair: { argument: 0, oneOf: [AF_UNIX] },
  // To the other end only, never to an address.
  sendto: { argument: 4, isZero64: true },
};

/** What is narrower for candidates and judges than for the warden. */
const NARROWED = {
  clone: { argument: 0, allOfBits: CLONE_THREAD, noneOfBits: CLONE_NEW_ANY },
  kill: { argument: 0, oneOf: [OWN_PID] },
  tgkill: { argument: 0, oneOf: [OWN_PID] },
  prlimit64: { argument: 0, oneOf: [0] },
  prctl: { argument: 0, oneOf: [PR_SET_NAME, PR_GET_NAME, PR_SET_VMA] },
} as const satisfies Readonly<Record<string, Condition>>;

/** Of the warden's calls, those by which a program starts others and waits for them. Their group and session stay its own. */
const STARTS_PROCESSES = ["fork", "vfork", "execve", "wait4", "waitid"];

/**
 * Where files stand in a name space of the cell's own, all that a program could change of a file outside of its folder
 * is out of its sight. Landlock guards contents and names, but not modes, times and (in its first versions) lengths.
 * Modes are closed for descriptors too: the system's files can be opened for reading, and may belong to assay's user.
 */
const UNGUARDED = all(["chmod", "fchmod", "fchmodat", "utime", "utimes", "futimesat", "utimensat", "truncate"], "deny");

/** Those of the machine, from CLOCK_REALTIME to CLOCK_TAI. */
const CLOCKS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/** A process's CPU clock is `~pid << 3 | 2`. */
const OWN_CPU_CLOCK = 0xfffffffa;

/** Where other processes have numbers too: a program may signal and ask after its own only. */
const OTHERS_UNSEEN: Readonly<Record<string, Condition>> = {
  kill: NARROWED.kill,
  tgkill: NARROWED.tgkill,
  getpgid: { argument: 0, oneOf: [0, OWN_PID] },
  getsid: { argument: 0, oneOf: [0, OWN_PID] },
  get_robust_list: { argument: 0, oneOf: [0, OWN_PID] },
  // Numbers with the highest bit set are the CPU clocks of processes and threads.
  clock_gettime: { argument: 0, allOfBits: 0, noneOfBits: 0x80000000 },
  // GHC's runtime asks for the resolution of its own, by the number of process 0.
  clock_getres: { argument: 0, oneOf: [...CLOCKS, OWN_CPU_CLOCK] },
  clock_nanosleep: { argument: 0, allOfBits: 0, noneOfBits: 0x80000000 },
  timer_create: { argument: 0, allOfBits: 0, noneOfBits: 0x80000000 },
};

/**
 * The jail's filter is the allow-list. The other two stand on top of it, where every filter must agree, so they name
 * only what they take away: a child pays for the length of its filter at each start.
 */
const FILTERS: Readonly<Record<FilterName, Filter>> = {
  jail: {
    rules: {
      ...all([...COMMON, ...WARDEN, "kill", "tgkill", "prlimit64", "prctl"], "allow"),
      clone: { argument: 0, allOfBits: 0, noneOfBits: CLONE_NEW_ANY },
      ...EVERYWHERE,
    },
    otherwise: "deny",
  },
  candidate: { rules: { ...all(WARDEN, "deny"), ...NARROWED }, otherwise: "allow" },
  // It is handed its runs' descriptors in messages.
  judge: { rules: { ...all(WARDEN, "deny"), ...NARROWED, recvmsg: "allow" }, otherwise: "allow" },
  program: { rules: { ...all(WARDEN, "deny"), ...NARROWED, execve: EXECUTED_ONCE }, otherwise: "allow" },
  // Signals reach its own processes and the warden, whom, as the first of its namespace, none can end.
  processes: {
    rules: {
      ...all(
        WARDEN.filter((name) => !STARTS_PROCESSES.includes(name)),
        "deny",
      ),
      prlimit64: NARROWED.prlimit64,
      prctl: NARROWED.prctl,
    },
    otherwise: "allow",
  },
};

function all(names: readonly string[], action: Action): Record<string, Action> {
  return Object.fromEntries(names.map((name) => [name, action]));
}

/** The filter as the bytes of a `struct sock_filter` array. Throws on a processor whose calls are not known. */
export function buildFilter(name: FilterName, tier: Tier = "namespaces", machine: string = process.arch): Buffer {
  const filter = FILTERS[name];
  if (name === "jail" || tier === "namespaces") return assembleFilter(filter, machine);
  return assembleFilter({ ...filter, rules: { ...filter.rules, ...UNGUARDED, ...OTHERS_UNSEEN } }, machine);
}
