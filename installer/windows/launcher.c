/* The start of the Windows product. It loads the python312.dll beside it and runs
 *     -I -B -X launcher -m app <arguments>                     the app, or with arguments its command line
 *     -I -B -X launcher -m app.engine_host <name> <arguments>  after `--child <name>`
 * The Linux twin of this rule is installer/entry.py. The app knows by `"launcher" in sys._xoptions` that it is installed.
 *
 * Built three times (build_msi.sh): stethoscribe.exe with STETHOSCRIBE_WINDOW, stethoscribe-cli.exe as a console program (a window
 * program prints nothing to a prompt), and stethoscribe-remote.exe with STETHOSCRIBE_REMOTE, which starts the `remote` child and nothing
 * else: a firewall rule blocks the other two by their paths. Only the window build may show a message box: in a silent uninstall nobody
 * could close one.
 */
#include <windows.h>
#include <shellapi.h>
#include <stdio.h>
#include <wchar.h>

#define MAX_ARGUMENTS 256
typedef int (*py_main)(int, wchar_t **);

static int fail(int code, const wchar_t *what) {
    fwprintf(stderr, L"Stethoscribe: %ls\n", what);
#ifdef STETHOSCRIBE_WINDOW
    if (!GetStdHandle(STD_INPUT_HANDLE)) MessageBoxW(NULL, what, L"Stethoscribe", MB_ICONERROR); /* a child has pipes: no box */
#endif
    return code;
}

static int start(int argc, wchar_t **argv) {
    wchar_t folder[MAX_PATH], dll[MAX_PATH + 32], *slash, *args[MAX_ARGUMENTS + 8];
    /* DLLs from the program, from Windows, and from folders that Python adds by name: never from PATH or the current folder. */
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2")) return fail(8, L"this computer's processor has no AVX2; one of 2013 or later is needed");
    DWORD length = GetModuleFileNameW(NULL, folder, MAX_PATH);
    if (length == 0 || length >= MAX_PATH) return fail(4, L"installed in a path that is too long");
    if ((slash = wcsrchr(folder, L'\\'))) *slash = 0;
    _snwprintf(dll, MAX_PATH + 31, L"%ls\\python312.dll", folder);
    dll[MAX_PATH + 31] = 0;
    HMODULE python = LoadLibraryExW(dll, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
    if (!python) return fail(2, L"python312.dll is missing: repair the installation");
    py_main run = (py_main)(void *)GetProcAddress(python, "Py_Main");
    if (!run) return fail(3, L"python312.dll is damaged: repair the installation");
    if (argc > MAX_ARGUMENTS) return fail(5, L"too many arguments");

    int child = argc > 2 && !wcscmp(argv[1], L"--child");
#ifdef STETHOSCRIBE_REMOTE
    if (!child || wcscmp(argv[2], L"remote")) return fail(6, L"this program starts the remote child only");
#else
    if (child && !wcscmp(argv[2], L"remote")) return fail(6, L"the remote child has its own program");
#endif
    int n = 0;
    args[n++] = argv[0];
    args[n++] = L"-I"; /* no PYTHON* variables, no user site, no current folder */
    args[n++] = L"-B"; /* no __pycache__ for an uninstall to leave behind */
    args[n++] = L"-X"; args[n++] = L"launcher";
    args[n++] = L"-m"; args[n++] = child ? L"app.engine_host" : L"app";
    for (int i = child ? 2 : 1; i < argc; i++) args[n++] = argv[i];
    args[n] = NULL;
    return run(n, args);
}

int wmain(int argc, wchar_t **argv) {
    return start(argc, argv);
}

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE previous, PWSTR line, int show) {
    (void)instance; (void)previous; (void)line; (void)show;
    int argc = 0;
    wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
    return argv ? start(argc, argv) : 7;
}
