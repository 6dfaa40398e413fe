/* Stands in the Wine test for netsh.exe of Windows, which Wine only pretends to have: notes each command line. Never in a product.
 *   x86_64-w64-mingw32-gcc-posix -s netsh.c -o netsh.exe
 */
#include <windows.h>

int main(void) {
    char *line = GetCommandLineA();
    DWORD done;
    HANDLE log = CreateFileA("C:\\netsh.log", FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0, NULL);
    if (log == INVALID_HANDLE_VALUE) return 1;
    SetFilePointer(log, 0, NULL, FILE_END);
    WriteFile(log, line, lstrlenA(line), &done, NULL);
    WriteFile(log, "\n", 1, &done, NULL);
    CloseHandle(log);
    return 0;
}
