/* The AppImage runtime: the ELF in front of the squashfs image. It mounts the image (libfuse3, static) or, where that
 * fails, extracts it, and then becomes AppRun.
 *
 * The image stays mounted (an extracted copy stays on disk) until the last process that holds the keep-alive pipe has
 * ended, however it ended. Its number is in STETHOSCRIBE_KEEPALIVE_FD: the supervisor passes that descriptor on to
 * every child that outlives the app. In both ways a process of its own waits for that end, so that `kill -9` of the
 * program a person started leaves neither mount nor folder.
 *
 * Links libsquashfuse(_ll) (BSD-2-Clause), libfuse3 (LGPL-2.1: runtime.o and the link command are shipped beside a
 * release), zlib, zstd. build_appimage.sh compiles it and writes the type-2 magic.
 */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 32
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <squashfuse/ll.h>
#include <squashfuse/squashfuse.h>
#include <squashfuse/traverse.h>

/* Sections that tools of the AppImage world look for; ours are empty: no updates, a detached signature. */
__attribute__((used, section(".digest_md5"))) char s_md5[16] = {0};
__attribute__((used, section(".upd_info"))) char s_upd[1024] = {0};
__attribute__((used, section(".sha256_sig"))) char s_sig[1024] = {0};
__attribute__((used, section(".sig_key"))) char s_key[8192] = {0};

/* Stubs, so that GPL liblzo2, liblz4 and liblzma need not be linked: images use zstd or gzip. */
int lzo1x_decompress_safe(const void *a, unsigned long b, void *c, unsigned long *d, void *e)
{ (void)a; (void)b; (void)c; (void)d; (void)e; return -1; }
int LZ4_decompress_safe(const char *a, char *b, int c, int d)
{ (void)a; (void)b; (void)c; (void)d; return -1; }
int lzma_stream_buffer_decode(void *a, void *b, void *c, const void *d, void *e, unsigned long f, void *g, void *h, unsigned long i)
{ (void)a; (void)b; (void)c; (void)d; (void)e; (void)f; (void)g; (void)h; (void)i; return 11; }

static void die(const char *what)
{
    fprintf(stderr, "AppImage runtime: %s: %s\n", what, strerror(errno));
    exit(127);
}

/* Where the ELF ends, the image begins. */
static long elf_size(const char *path)
{
    Elf64_Ehdr head;
    FILE *file = fopen(path, "rb");
    if (!file || fread(&head, sizeof head, 1, file) != 1) die(path);
    long end = (long)head.e_shoff + (long)head.e_shentsize * head.e_shnum;
    for (int i = 0; i < head.e_shnum; i++) {
        Elf64_Shdr section;
        fseek(file, (long)head.e_shoff + (long)i * head.e_shentsize, SEEK_SET);
        if (fread(&section, sizeof section, 1, file) != 1 || section.sh_type == SHT_NOBITS) continue;
        long its_end = (long)(section.sh_offset + section.sh_size);
        if (its_end > end) end = its_end;
    }
    fclose(file);
    return end;
}

static void silence(void)
{
    int null = open("/dev/null", O_RDWR);
    if (null < 0) return;
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    if (null > 2) close(null);
}

/* ---- extracting */

static int make_parents(char *path)
{
    for (char *at = path + 1; *at; at++) {
        if (*at != '/') continue;
        *at = 0;
        int failed = mkdir(path, 0755);
        *at = '/';
        if (failed && errno != EEXIST) return -1;
    }
    return 0;
}

static int extract_file(sqfs *fs, sqfs_inode *node, const char *out, char *buffer, size_t room)
{
    unlink(out);
    int file = open(out, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, node->base.mode & 0777);
    if (file < 0) return -1;
    for (uint64_t at = 0; at < node->xtra.reg.file_size;) {
        sqfs_off_t got = (sqfs_off_t)room;
        if (sqfs_read_range(fs, node, (sqfs_off_t)at, &got, buffer) || got <= 0) { errno = EIO; return -1; }
        for (sqfs_off_t done = 0; done < got;) {
            ssize_t wrote = write(file, buffer + done, (size_t)(got - done));
            if (wrote < 0) return -1;
            done += wrote;
        }
        at += (uint64_t)got;
    }
    fchmod(file, node->base.mode & 0777);
    return close(file);
}

static int extract(const char *self, long offset, const char *to, const char *pattern, int is_told)
{
    sqfs fs;
    memset(&fs, 0, sizeof fs);
    int fd = open(self, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(self);
    sqfs_traverse walk;
    sqfs_err err;
    sqfs_inode node;
    if (sqfs_init(&fs, fd, (size_t)offset) != SQFS_OK || sqfs_inode_get(&fs, &node, sqfs_inode_root(&fs)) ||
        sqfs_traverse_open_inode(&walk, &fs, &node)) {
        fprintf(stderr, "AppImage runtime: no image behind the program\n");
        return 1;
    }
    char out[PATH_MAX];
    size_t room = 1 << 20;
    char *buffer = malloc(room);
    mkdir(to, 0755);
    while (sqfs_traverse_next(&walk, &err)) {
        if (walk.dir_end || (pattern && fnmatch(pattern, walk.path, FNM_FILE_NAME | FNM_LEADING_DIR))) continue;
        if (snprintf(out, sizeof out, "%s/%s", to, walk.path) >= (int)sizeof out) return 1;
        if (make_parents(out) || sqfs_inode_get(&fs, &node, sqfs_dentry_inode(&walk.entry))) die(out);
        if (is_told) puts(out);
        if (S_ISDIR(node.base.mode)) {
            if (mkdir(out, 0755) && errno != EEXIST) die(out);
        } else if (S_ISLNK(node.base.mode)) {
            char target[PATH_MAX];
            size_t size = sizeof target;
            if (sqfs_readlink(&fs, &node, target, &size)) return 1;
            unlink(out);
            if (symlink(target, out)) die(out);
        } else if (S_ISREG(node.base.mode) && extract_file(&fs, &node, out, buffer, room)) {
            die(out);
        }
    }
    free(buffer);
    sqfs_traverse_close(&walk);
    sqfs_destroy(&fs);
    close(fd);
    return err != SQFS_OK;
}

static int remove_one(const char *path, const struct stat *state, int kind, struct FTW *where)
{
    (void)state; (void)kind; (void)where;
    return remove(path);
}

/* ---- what stays behind: one process that waits for the end of the keep-alive pipe */

static void wait_for_end(int pipe_end)
{
    char byte;
    while (read(pipe_end, &byte, 1) < 0 && errno == EINTR) {}
}

/* Remove an extracted copy once nobody holds the pipe any more. */
static int guard_copy(const char *folder, int *keep)
{
    int alive[2];
    if (pipe(alive)) return -1;
    pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) {
        close(alive[1]);
        setsid();
        if (fork()) _exit(0);
        silence();
        if (chdir("/")) _exit(1);
        wait_for_end(alive[0]);
        nftw(folder, remove_one, 64, FTW_DEPTH | FTW_PHYS);
        _exit(0);
    }
    close(alive[0]);
    waitpid(pid, NULL, 0);
    *keep = alive[1];
    return 0;
}

struct watch { int fd; struct fuse_session *session; };

static void *watch_pipe(void *argument)
{
    struct watch *watch = argument;
    wait_for_end(watch->fd);
    fuse_session_exit(watch->session);
    kill(getpid(), SIGHUP); /* the loop sits in a read */
    return NULL;
}

static void serve_mount(const char *self, long offset, const char *at, int alive, int ready)
{
    struct fuse_lowlevel_ops ops;
    memset(&ops, 0, sizeof ops);
    ops.getattr = sqfs_ll_op_getattr;
    ops.opendir = sqfs_ll_op_opendir;
    ops.releasedir = sqfs_ll_op_releasedir;
    ops.readdir = sqfs_ll_op_readdir;
    ops.lookup = sqfs_ll_op_lookup;
    ops.open = sqfs_ll_op_open;
    ops.release = sqfs_ll_op_release;
    ops.read = sqfs_ll_op_read;
    ops.readlink = sqfs_ll_op_readlink;
    ops.forget = sqfs_ll_op_forget;
    ops.statfs = stfs_ll_op_statfs;
    char *words[] = {(char *)"appimage", (char *)"-o", (char *)"ro,nosuid,nodev,subtype=appimage", NULL};
    struct fuse_args args = FUSE_ARGS_INIT(3, words);
    sqfs_ll_chan channel;
    char ok = 0;
    if (!getenv("APPIMAGE_RUNTIME_DEBUG")) {
        int null = open("/dev/null", O_RDWR);
        if (null >= 0) dup2(null, 2);
    }
    sqfs_ll *image = sqfs_ll_open(self, (size_t)offset);
    if (image && sqfs_ll_mount(&channel, at, &args, &ops, sizeof ops, image) == SQFS_OK) {
        ok = 1;
        if (write(ready, &ok, 1) < 0) _exit(1);
        close(ready);
        silence();
        signal(SIGHUP, SIG_DFL); /* below nohup it is ignored, and libfuse would leave it so: the mount would stay */
        fuse_set_signal_handlers(channel.session);
        static struct watch watch;
        watch.fd = alive;
        watch.session = channel.session;
        pthread_t thread;
        pthread_create(&thread, NULL, watch_pipe, &watch);
        fuse_session_loop(channel.session);
        sqfs_ll_unmount(&channel, at);
        rmdir(at);
        _exit(0);
    }
    ssize_t wrote = write(ready, &ok, 1);
    _exit(wrote < 0);
}

/* Mount in a process of its own that lives as long as somebody holds the pipe. Returns 0 when mounted. */
static int mount_image(const char *self, long offset, const char *at, int *keep)
{
    int alive[2], ready[2];
    if (pipe(alive) || pipe(ready)) return -1;
    pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) {
        close(alive[1]);
        close(ready[0]);
        setsid();
        if (fork()) _exit(0);
        serve_mount(self, offset, at, alive[0], ready[1]);
    }
    close(alive[0]);
    close(ready[1]);
    waitpid(pid, NULL, 0);
    char ok = 0;
    if (read(ready[0], &ok, 1) != 1) ok = 0;
    close(ready[0]);
    if (!ok) { close(alive[1]); return -1; }
    *keep = alive[1];
    return 0;
}

static void become_app(const char *self, char **argv, const char *folder, int keep)
{
    char here[PATH_MAX], number[16], run[PATH_MAX + 16];
    snprintf(number, sizeof number, "%d", keep);
    setenv("STETHOSCRIBE_KEEPALIVE_FD", number, 1);
    setenv("APPIMAGE", self, 1);
    setenv("ARGV0", argv[0], 1);
    setenv("APPDIR", folder, 1);
    if (getcwd(here, sizeof here)) setenv("OWD", here, 1);
    snprintf(run, sizeof run, "%s/AppRun", folder);
    execv(run, argv);
    die(run);
}

int main(int argc, char **argv)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0) die("/proc/self/exe");
    self[length] = 0;
    long offset = elf_size(self);
    const char *asked = argc > 1 ? argv[1] : "";
    int is_extracting = 0, is_mounting = 0;
    if (!strcmp(asked, "--appimage-offset")) { printf("%ld\n", offset); return 0; }
    if (!strcmp(asked, "--appimage-version")) { puts("stethoscribe-runtime 1.0"); return 0; }
    if (!strcmp(asked, "--appimage-updateinformation")) { puts(s_upd); return 0; }
    if (!strcmp(asked, "--appimage-signature")) { puts(s_sig); return 0; }
    if (!strcmp(asked, "--appimage-help")) {
        puts("--appimage-extract [PATTERN]   unpack into ./squashfs-root\n"
             "--appimage-extract-and-run     unpack, run, remove (also: APPIMAGE_EXTRACT_AND_RUN=1)\n"
             "--appimage-mount               mount, print the folder, stay until Ctrl-C\n"
             "--appimage-offset | --appimage-version");
        return 0;
    }
    if (!strcmp(asked, "--appimage-extract")) return extract(self, offset, "squashfs-root", argc > 2 ? argv[2] : NULL, 1);
    if (!strcmp(asked, "--appimage-mount")) is_mounting = 1;
    if (!strcmp(asked, "--appimage-extract-and-run")) { is_extracting = 1; argv[1] = argv[0]; argv++; }
    const char *wish = getenv("APPIMAGE_EXTRACT_AND_RUN");
    if (wish && !strcmp(wish, "1")) is_extracting = 1;

    const char *temporary = getenv("TMPDIR");
    if (!temporary || !*temporary) temporary = P_tmpdir;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/.mount_stethXXXXXX", temporary);
    if (!mkdtemp(folder)) die(folder);
    int keep = -1;
    if (!is_extracting && mount_image(self, offset, folder, &keep) == 0) {
        if (is_mounting) { puts(folder); fflush(stdout); pause(); return 0; }
        become_app(self, argv, folder, keep);
    }
    if (is_mounting) {
        rmdir(folder);
        fprintf(stderr, "AppImage runtime: FUSE is not available here\n");
        return 1;
    }
    if (guard_copy(folder, &keep)) die("pipe"); /* before extracting: a kill in the middle leaves nothing either */
    if (extract(self, offset, folder, NULL, 0)) return 1;
    become_app(self, argv, folder, keep);
}
