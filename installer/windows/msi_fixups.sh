#!/usr/bin/env bash
# What wixl 0.101 accepts and drops, put back by SQL; without it an uninstall deletes the data folder. Then the tables are read back.
#
#   installer/windows/msi_fixups.sh FILE.msi PACKAGE-CODE SECONDS-SINCE-1970
#
# Package code and time come from the caller, so that the same commit gives the same file.
set -euo pipefail
msi=$1 package_code=$2 epoch=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Custom actions that wixl cannot write: programs of Windows itself. 34 = a command line in a folder; 1024 deferred, 2048 as the system,
# 64 whatever it answers (a computer without the firewall service gets the program too), 256 rollback.
netsh='"[System64Folder]netsh.exe" advfirewall firewall'
declare -A rules=(
  [Window]="$netsh add rule name=\"Stethoscribe sends nothing\" dir=out action=block profile=any program=\"[INSTALLDIR]stethoscribe.exe\""
  [Cli]="$netsh add rule name=\"Stethoscribe sends nothing\" dir=out action=block profile=any program=\"[INSTALLDIR]stethoscribe-cli.exe\""
  [Gone]="$netsh delete rule name=\"Stethoscribe sends nothing\""
)
action() { # action NAME TYPE RULE SEQUENCE CONDITION
  printf '%s\n' "INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('$1', $2, 'INSTALLDIR', '${rules[$3]}')" \
    "INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Condition\`, \`Sequence\`) VALUES ('$1', '$5', $4)"
}
leaving='REMOVE="ALL"'
arriving='NOT REMOVE'
mapfile -t firewall < <(
  # A rollback runs backwards from where the trouble was: what it undoes stands before it.
  action FirewallBackWindow $((34 + 1024 + 2048 + 64 + 256)) Window 3410 "$leaving"
  action FirewallBackCli $((34 + 1024 + 2048 + 64 + 256)) Cli 3411 "$leaving"
  action FirewallGone $((34 + 1024 + 2048 + 64)) Gone 3412 "$leaving"
  action FirewallUndo $((34 + 1024 + 2048 + 64 + 256)) Gone 4410 "$arriving"
  action FirewallFresh $((34 + 1024 + 2048 + 64)) Gone 4411 "$arriving"
  action FirewallWindow $((34 + 1024 + 2048 + 64)) Window 4412 "$arriving"
  action FirewallCli $((34 + 1024 + 2048 + 64)) Cli 4413 "$arriving"
)
secure='INSTALLDIR;MODELDIR;REMOVEDATA;DESKTOPSHORTCUT;REMEMBEREDINSTALLDIR;REMEMBEREDMODELDIR;REMEMBEREDSHORTCUT;WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED'
property() { msiinfo export "$msi" Property | tr -d '\r' | sed -n "s/^$1\t//p"; }
upgrade_code=$(property UpgradeCode)
version=$(property ProductVersion)
# 272 = 256 (64-bit) + 16 (permanent); 18 = raw value in the 64-bit registry; 51 = set a property; 513 = the same version is replaced too.
# Where a window is shown, folders are settled in a sequence that wixl gives no actions of ours.
msibuild "$msi" -q \
  "UPDATE \`Component\` SET \`Attributes\` = 272 WHERE \`Component\` = 'DataFolder'" \
  "UPDATE \`Component\` SET \`Condition\` = 'DESKTOPSHORTCUT=1' WHERE \`Component\` = 'Desktop'" \
  "UPDATE \`RegLocator\` SET \`Type\` = 18" \
  "UPDATE \`CustomAction\` SET \`Type\` = 51 WHERE \`Action\` = 'KeepInstallDir'" \
  "UPDATE \`CustomAction\` SET \`Type\` = 51 WHERE \`Action\` = 'KeepModelDir'" \
  "UPDATE \`CustomAction\` SET \`Type\` = 51 WHERE \`Action\` = 'TellInstallDir'" \
  "UPDATE \`CustomAction\` SET \`Type\` = 51 WHERE \`Action\` = 'KeepShortcut'" \
  "DELETE FROM \`Upgrade\` WHERE \`ActionProperty\` = 'WIX_UPGRADE_DETECTED'" \
  "INSERT INTO \`Upgrade\` (\`UpgradeCode\`, \`VersionMax\`, \`Attributes\`, \`ActionProperty\`) VALUES ('$upgrade_code', '$version', 513, 'WIX_UPGRADE_DETECTED')" \
  "UPDATE \`Property\` SET \`Value\` = '$secure' WHERE \`Property\` = 'SecureCustomProperties'" \
  "INSERT INTO \`InstallUISequence\` (\`Action\`, \`Condition\`, \`Sequence\`) VALUES ('KeepInstallDir', 'REMEMBEREDINSTALLDIR AND NOT INSTALLDIR', 60)" \
  "${firewall[@]}"

# Models for everybody: the system and administrators write, people read. Nobody plants a link where an uninstall deletes.
printf '%s\t%s\t%s\t%s\t%s\r\n' \
  MsiLockPermissionsEx LockObject Table SDDLText Condition \
  s72 s72 s32 s0 S255 >"$work/MsiLockPermissionsEx.idt"
printf 'MsiLockPermissionsEx\tMsiLockPermissionsEx\r\n' >>"$work/MsiLockPermissionsEx.idt"
printf '%s\t%s\t%s\t%s\t\r\n' DataFolder MachineData CreateFolder \
  'D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)' >>"$work/MsiLockPermissionsEx.idt"
msibuild "$msi" -i "$work/MsiLockPermissionsEx.idt"

# 9 = package code, 12 and 13 = made and saved, 7 = system and language.
stamp=$(date -u -d "@$epoch" '+%Y/%m/%d %H:%M:%S')
msiinfo export "$msi" _SummaryInformation | sed -E "s#^9\t.*#9\t$package_code\r#; s#^(12|13)\t.*#\1\t$stamp\r#" >"$work/_SummaryInformation.idt"
msibuild "$msi" -i "$work/_SummaryInformation.idt"
