#!/bin/sh
# Copies files, and the shared libraries that they need, into a root file system of their own.
# Usage: closure.sh ROOT FILE...   (in a Debian build stage)
#
# ldd sees what a program links; what it opens by name at run time (dlopen) must be among FILE. For each file the
# Debian package's copyright and its entry for vulnerability scanners (/var/lib/dpkg/status.d, as distroless images
# have it) come along.
set -eu
root=$1
shift

list=$(mktemp)
for file in "$@"; do
  [ -e "$file" ] || { echo "closure.sh: $file is missing in the build stage" >&2; exit 1; }
  echo "$file"
  # "not a dynamic executable": data, or a static program.
  ldd "$file" 2>/dev/null | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" { print $1 }' || true
done | sort -u > "$list"

# A library that ldd cannot find would only show when the image runs.
for file in "$@"; do
  if ldd "$file" 2>/dev/null | grep 'not found'; then
    echo "closure.sh: $file needs the libraries above" >&2
    exit 1
  fi
done

# Debian's /lib and /lib64 are links into /usr.
for link in lib lib64; do
  mkdir -p "$root/usr/$link"
  [ -e "$root/$link" ] || ln -s "usr/$link" "$root/$link"
done

while read -r file; do
  # Links are followed, so that a library is there once, under the name by which it is looked up.
  target=$(readlink -f "$(dirname "$file")")/$(basename "$file")
  mkdir -p "$root$(dirname "$target")"
  cp -L --preserve=mode,timestamps "$file" "$root$target"
done < "$list"

mkdir -p "$root/var/lib/dpkg/status.d"
while read -r file; do
  real=$(readlink -f "$file")
  # Installed files are registered under /usr or, from before the merge of /lib into it, without.
  dpkg-query -S "$real" 2>/dev/null || dpkg-query -S "${real#/usr}" 2>/dev/null || true
done < "$list" | sed 's/:.*//' | sort -u | while read -r package; do
  dpkg-query -s "$package" > "$root/var/lib/dpkg/status.d/$package"
  mkdir -p "$root/usr/share/doc/$package"
  cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done
rm -f "$list"
