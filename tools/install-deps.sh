#!/bin/sh
# Installs what vkvmaf needs, on Debian 12, Debian 13 or a current Ubuntu. This is the one list of packages.
#
#     tools/install-deps.sh build         to build and run
#     tools/install-deps.sh test          for the tests, besides [build]
#     tools/install-deps.sh swiftshader   prints where SwiftShader's driver file is, if "test" has found one
#     tools/install-deps.sh mesa25        prints where the driver file of Mesa 25's llvmpipe is, likewise
#     tools/install-deps.sh onnxruntime   prints which Python has onnxruntime, if "test" could install it
#     tools/install-deps.sh clang-format  prints which clang-format the sources are formatted with, likewise
#
# What is installed already is left alone; with nothing missing it neither needs root nor a network.
set -eu

# [build]
build='gcc libc6-dev binutils cmake ninja-build pkg-config libvulkan-dev libvulkan-volk-dev glslang-tools spirv-tools
protobuf-c-compiler libprotobuf-c-dev libssl-dev libcjson-dev zlib1g-dev libsnappy-dev libjpeg-dev libavformat-dev
libavcodec-dev libavutil-dev libswscale-dev libvulkan1 mesa-vulkan-drivers'

# For "vkvmaf models install"; taken along where others are missing, so that nobody is asked for root for its sake alone.
build_optional=python3-pip

# [test] The second line is taken where the distribution has it.
test='clang g++ ffmpeg git python3 time libcmocka-dev vulkan-validationlayers xz-utils'
test_optional='libclang-rt-dev python3-venv'

# SwiftShader, a Vulkan driver unlike Mesa's, comes inside this package; one file of it is taken, nothing is installed.
swiftshader_package=chromium-common
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/vkvmaf
swiftshader=$cache/swiftshader
swiftshader_icd=$swiftshader/vk_swiftshader_icd.json

# Mesa 25's llvmpipe knows multi-planar images and imports, which Debian 12's does not. It comes from that one's
# backports where the system's Mesa is older; one file of it is taken, nothing is installed.
mesa_package=mesa-vulkan-drivers
mesa25=$cache/mesa25
mesa25_icd=$mesa25/lvp_icd.json

# ONNX Runtime, which models are compared with, and the one clang-format that gives the agreed text on every machine
# come as Python packages, each into a folder of its own.
onnxruntime=$cache/onnxruntime
clang_format=$cache/clang-format

die()
{
    echo "install-deps: $1" >&2
    exit 1
}

is_installed()
{
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

update_once()
{
    [ -z "${updated:-}" ] || return 0
    as_root apt-get update -qq || die "apt-get update failed"
    updated=1
}

# install PACKAGE...: those that are missing.
install()
{
    missing=
    for package; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null ||
        die "only Debian and Ubuntu are known here (no apt-get); install the like of:$missing"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || die "not root, and no sudo; missing packages:$missing"
    echo "install-deps: installing$missing"
    update_once
    log=$(mktemp) || die "no temporary file"
    # shellcheck disable=SC2086
    as_root apt-get install -y -qq --no-install-recommends $missing >"$log" 2>&1 || {
        cat "$log" >&2
        rm -f "$log"
        die "apt-get could not install:$missing"
    }
    rm -f "$log"
}

# Packages that this distribution may lack.
install_optional()
{
    for package; do
        is_installed "$package" || {
            update_once
            if apt-cache show "$package" >/dev/null 2>&1; then
                install "$package"
            else
                echo "install-deps: no package $package here; going on without it"
            fi
        }
    done
}

take_swiftshader()
{
    [ ! -e "$swiftshader_icd" ] || return 0
    command -v apt-get >/dev/null || return 0
    work=$(mktemp -d) || die "no temporary folder"
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    (cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$swiftshader_package") >"$work/log" 2>&1 || {
        update_once
        (cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$swiftshader_package") >"$work/log" 2>&1
    } || {
        echo "install-deps: no package $swiftshader_package here; going on without SwiftShader"
        return 0
    }
    dpkg-deb -x "$work"/*.deb "$work/files"
    library=$(find "$work/files" -name libvk_swiftshader.so | head -n 1)
    [ -n "$library" ] || {
        echo "install-deps: $swiftshader_package holds no SwiftShader; going on without it"
        return 0
    }
    mkdir -p "$swiftshader"
    cp "$library" "$swiftshader/"
    # Written last: with it, all is there.
    printf '{ "file_format_version": "1.0.0",\n  "ICD": { "library_path": "%s", "api_version": "1.1.0" } }\n' \
        "$swiftshader/libvk_swiftshader.so" >"$swiftshader_icd.new"
    mv "$swiftshader_icd.new" "$swiftshader_icd"
    echo "install-deps: SwiftShader is in $swiftshader"
}

# list_backports RELEASE FOLDER: writes the machine's own sources of this release there, as those of its backports.
list_backports()
{
    mkdir "$2"
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -nE "s/^(deb( +\\[[^]]*])? +[^ ]+) +$1 /\\1 $1-backports /p" >"$2/backports.list"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ ! -e "$file" ] || awk -v RS= -v ORS='\n\n' -v release="$1" '
            $0 ~ "(^|\n)Suites:([^\n]* )?" release "( |\n|$)" && sub(/Suites:[^\n]*/, "Suites: " release "-backports")
        ' "$file"
    done >"$2/backports.sources"
}

# download_backport PACKAGE RELEASE: into the present folder. The system's lists and sources stay as they are.
download_backport()
{
    list_backports "$2" sources
    mkdir -p lists/partial cache/archives/partial
    set -- "$1/$2-backports" -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$PWD/sources" \
        -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=root
    package=$1
    shift
    apt-get update -q "$@" && apt-get download -q "$@" "$package"
}

# unpack_mesa25: the driver out of the package in the present folder, if all that it is linked with is here.
unpack_mesa25()
{
    dpkg-deb -x "$mesa_package"_*.deb files
    library=$(find files -name libvulkan_lvp.so)
    manifest=$(find files -name 'lvp_icd*.json')
    [ -n "$library" ] && [ -n "$manifest" ] && ! ldd "$library" 2>/dev/null | grep 'not found' || return 1
    mkdir -p "$mesa25"
    cp "$library" "$mesa25/"
    # Written last: with it, all is there.
    sed "s|\"library_path\": *\"[^\"]*\"|\"library_path\": \"$mesa25/libvulkan_lvp.so\"|" "$manifest" >"$mesa25_icd.new"
    mv "$mesa25_icd.new" "$mesa25_icd"
}

take_mesa25()
{
    [ ! -e "$mesa25_icd" ] || return 0
    command -v apt-get >/dev/null || return 0
    ! dpkg --compare-versions "$(dpkg-query -W -f='${Version}' "$mesa_package")" ge 25 || return 0
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    work=$(mktemp -d) || die "no temporary folder"
    if (cd "$work" && download_backport "$mesa_package" "$release" && unpack_mesa25) >"$work/log" 2>&1; then
        echo "install-deps: Mesa 25's llvmpipe is in $mesa25"
    else
        echo "install-deps: no Mesa 25 from backports here; going on without it"
    fi
    rm -rf "$work"
}

# has FOLDER MODULE: the environment is there, and this machine's Python still finds the module in it.
has()
{
    [ -e "$1/complete" ] && "$1/bin/python3" -c "import $2" >/dev/null 2>&1
}

# take_package FOLDER MODULE PACKAGE: a Python package in an environment of its own. However this fails, the tests go on
# without it.
take_package()
{
    ! has "$1" "$2" || return 0
    rm -rf "$1"
    if python3 -m venv "$1" >/dev/null 2>&1 &&
        timeout 1800 "$1/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 20 "$3" >/dev/null 2>&1 &&
        : >"$1/complete" && has "$1" "$2"; then
        echo "install-deps: $3 is in $1"
    else
        rm -rf "$1"
        echo "install-deps: $3 cannot be installed here; going on without it"
    fi
}

# shellcheck disable=SC2086
case ${1:-} in
build)
    install $build
    [ -z "${updated:-}" ] || install_optional $build_optional
    ;;
test)
    install $test
    install_optional $test_optional
    take_swiftshader
    take_mesa25
    take_package "$onnxruntime" onnxruntime onnxruntime
    take_package "$clang_format" clang_format clang-format==18.1.8
    ;;
swiftshader)
    [ ! -e "$swiftshader_icd" ] || echo "$swiftshader_icd"
    ;;
mesa25)
    [ ! -e "$mesa25_icd" ] || echo "$mesa25_icd"
    ;;
onnxruntime)
    ! has "$onnxruntime" onnxruntime || echo "$onnxruntime/bin/python3"
    ;;
clang-format)
    ! has "$clang_format" clang_format || echo "$clang_format/bin/clang-format"
    ;;
*)
    die "one of: build, test, swiftshader, mesa25, onnxruntime, clang-format"
    ;;
esac
