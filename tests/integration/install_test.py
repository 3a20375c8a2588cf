"""The installed tree is enough to embed the store: nothing of the source tree, no RocksDB header."""

import os
import re
import subprocess

import harness
from harness import check, check_equal

EXPECTED = "rp,n,slowest\nhttps://other.example,250,1000\nhttps://rp.example,750,999\n"


def run(*arguments, **options):
    done = subprocess.run(arguments, text=True, capture_output=True, timeout=300, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(arguments)}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    return done.stdout


def install(directory):
    prefix = os.path.join(directory, "prefix")
    run(harness.program("cmake"), "--install", os.environ["KPI_BUILD"], "--prefix", prefix)
    return prefix


def consumer_source():
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "consumer")


def check_consumer(directory, executable, **options):
    output = run(executable, os.path.join(directory, "store"), **options)
    check_equal(output.replace("\r", ""), EXPECTED, "the consumer's answer")


def cmake_project_finds_the_installed_library():
    with harness.directory() as directory:
        prefix, build = install(directory), os.path.join(directory, "build")
        run(harness.program("cmake"), "-G", "Ninja", "-S", consumer_source(), "-B", build,
            f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={os.environ['KPI_CXX']}",
            "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror")
        run(harness.program("cmake"), "--build", build)
        check_consumer(directory, os.path.join(build, "consumer"))


def pkg_config_is_enough():
    with harness.directory() as directory:
        prefix = install(directory)
        (pc,) = [os.path.join(folder, "kpistore.pc") for folder, _, files in os.walk(prefix)
                 if "kpistore.pc" in files]
        environment = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc))
        flags = run(harness.program("pkg-config"), "--cflags", "--libs", "kpistore",
                    env=environment).split()
        check_equal(run(harness.program("pkg-config"), "--modversion", "kpistore",
                        env=environment).strip(), os.environ["KPI_VERSION"], "version")
        libraries = [flag[2:] for flag in flags if flag.startswith("-L")]
        executable = os.path.join(directory, "consumer")
        run(os.environ["KPI_CXX"], "-std=c++20", os.path.join(consumer_source(), "main.cc"),
            "-o", executable, *flags)
        check_consumer(directory, executable,
                       env=dict(os.environ, LD_LIBRARY_PATH=":".join(libraries)))


def a_newer_version_is_not_found():
    with harness.directory() as directory:
        prefix = install(directory)
        project = os.path.join(directory, "project")
        os.mkdir(project)
        with open(os.path.join(project, "CMakeLists.txt"), "w", encoding="ascii") as file:
            file.write("cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES CXX)\n"
                       "find_package(kpistore 99 REQUIRED)\n")
        done = subprocess.run([harness.program("cmake"), "-G", "Ninja", "-S", project, "-B",
                               project + "/build", f"-DCMAKE_PREFIX_PATH={prefix}"],
                              text=True, capture_output=True, timeout=60)
        check(done.returncode != 0 and "99" in done.stderr, done.stderr)


def headers_name_only_std_and_symbols_only_ours():
    with harness.directory() as directory:
        prefix = install(directory)
        headers = os.path.join(prefix, "include", "kpi")
        for name in os.listdir(headers):
            with open(os.path.join(headers, name), encoding="utf-8") as file:
                includes = re.findall(r'#include ["<]([^">]+)', file.read())
            for include in includes:
                check(include.startswith("kpi/") or not re.search(r"[/.]", include),
                      f"{name} includes {include}")
        (library,) = {os.path.realpath(os.path.join(folder, file))
                      for folder, _, files in os.walk(prefix)
                      for file in files if file.startswith("libkpistore.so")}
        symbols = run("nm", "--dynamic", "--defined-only", "--demangle", library)
        foreign = [line for line in symbols.splitlines() if "kpi::" not in line]
        foreign = [line for line in foreign if not line.split()[-1].startswith("KPISTORE")]
        check(not foreign, f"exported beside ours: {foreign[:3]}")


def pages_and_completions_are_where_they_are_looked_for():
    with harness.directory() as directory:
        share = os.path.join(install(directory), "share")
        programs = os.listdir(os.path.join(directory, "prefix", "bin"))
        check("kpi-admin" in programs, programs)
        for program in programs:
            section = 8 if program == "kpi-server" else 1
            page = os.path.join(share, "man", f"man{section}", f"{program}.{section}")
            check(os.path.getsize(page) > 0, page)
            run(harness.program("bash"), "-c", '. "$1" && complete -p "$2"', "bash",
                os.path.join(share, "bash-completion", "completions", program), program)
        for program in ("kpi-query", "kpi-admin"):
            with open(os.path.join(share, "zsh", "site-functions", f"_{program}"),
                      encoding="utf-8") as file:
                check_equal(file.readline(), f"#compdef {program}\n", "what zsh looks for")
            script = os.path.join(share, "fish", "vendor_completions.d", f"{program}.fish")
            check(os.path.getsize(script) > 0, script)


if __name__ == "__main__":
    harness.main(cmake_project_finds_the_installed_library, pkg_config_is_enough,
                 a_newer_version_is_not_found, headers_name_only_std_and_symbols_only_ours,
                 pages_and_completions_are_where_they_are_looked_for)
