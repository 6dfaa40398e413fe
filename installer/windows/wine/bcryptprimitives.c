/* Stands in the Wine test for bcryptprimitives.dll of Windows 10, which Wine 8 lacks and libraries written in Rust ask for random numbers.
 * For the test's own Windows folder alone, never in a product.
 *   x86_64-w64-mingw32-gcc-posix -shared -s bcryptprimitives.c -o bcryptprimitives.dll -ladvapi32
 */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG size); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
    return SystemFunction036(data, (ULONG)size);
}
