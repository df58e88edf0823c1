# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The files for OSS-Fuzz, ClusterFuzzLite and Kubernetes, as far as a machine without them can say: what build.sh
asks for and leaves, with a cmake that copies the tests' target; the dictionary; that manifests are whole, safe, and
ask for commands that exist."""
import configparser
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest
import zipfile

from support import BUILD, ROOT, CampaignTest

try:
    import yaml
except ImportError:
    yaml = None

sys.path.insert(0, os.path.join(ROOT, "fuzz"))
from cordon_fuzz import cli  # noqa: E402

OSS_FUZZ = os.path.join(ROOT, "fuzz/oss-fuzz")
CMAKE = """#!/usr/bin/env bash
printf '%s\\n' "$@" >>"$ASKED"
if [ "$1" = --build ]; then
  mkdir -p "$2/fuzz"
  for word in "$@"; do [[ $word == fuzz-* ]] && cp "$TINY" "$2/fuzz/$word"; done
  cp "$DICTIONARY" "$2/fuzz/wasm.dict"
fi
"""


class BuildTest(CampaignTest):
    def setUp(self):
        super().setUp()
        self.out, self.tree = os.path.join(self.top, "out"), os.path.join(self.top, "tree")
        tools = os.path.join(self.top, "tools")
        for folder in (self.out, tools, os.path.join(self.tree, "fuzz/targets/tiny.seeds"), os.path.join(self.tree, "tests/regress/tiny")):
            os.makedirs(folder)
        os.symlink(OSS_FUZZ, os.path.join(self.tree, "fuzz/oss-fuzz"))
        for name, options in (("tiny", "[libfuzzer]\nmax_len = 64\ndict = wasm.dict\n"), ("other", "[cordon]\nneeds = node\n"), ("bare", None)):
            self.place(f"fuzz/targets/{name}.cc", "")
            if options:
                self.place(f"fuzz/targets/{name}.options", options)
        self.place("fuzz/targets/tiny.seeds/a b", "seed")
        self.place("tests/regress/tiny/$(touch owned)", "found")
        with open(os.path.join(tools, "cmake"), "w", encoding="utf-8") as file:
            file.write(CMAKE)
        os.chmod(os.path.join(tools, "cmake"), 0o755)
        self.dictionary = os.path.join(self.top, "wasm.dict")
        subprocess.run([os.path.join(OSS_FUZZ, "dictionary.py"), ROOT, self.dictionary], check=True)
        self.values = {**os.environ, "PATH": tools + ":" + os.environ["PATH"], "ASKED": os.path.join(self.top, "asked"),
                       "TINY": os.path.join(BUILD, "fuzz-tiny"), "DICTIONARY": self.dictionary, "CORDON_SOURCE": self.tree,
                       "SRC": self.top, "WORK": os.path.join(self.top, "work"), "OUT": self.out, "CXX": "clang++",
                       "CXXFLAGS": "-stdlib=libc++", "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer", "SANITIZER": "address"}

    def place(self, name, content):
        with open(os.path.join(self.tree, name), "w", encoding="utf-8") as file:
            file.write(content)

    def build(self, status=0, **more):
        done = subprocess.run([os.path.join(OSS_FUZZ, "build.sh")], env={**self.values, **more}, cwd=self.top, text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def test_the_folder_has_what_a_runner_takes(self):
        self.build()
        names = set(os.listdir(self.out))
        self.assertLessEqual({"fuzz-tiny", "fuzz-bare", "fuzz-tiny.options", "fuzz-tiny.dict", "fuzz-tiny_seed_corpus.zip"}, names)
        self.assertNotIn("fuzz-other", names, "it needs what no runner has")
        self.assertNotIn("owned", os.listdir(self.top))
        with zipfile.ZipFile(os.path.join(self.out, "fuzz-tiny_seed_corpus.zip")) as archive:
            self.assertEqual(sorted(archive.namelist()), ["found-$(touch owned)", "seed-a b"])
        options = configparser.ConfigParser()
        options.read(os.path.join(self.out, "fuzz-tiny.options"))
        self.assertEqual(dict(options["libfuzzer"]), {"max_len": "64", "dict": "fuzz-tiny.dict"})
        libraries = os.listdir(os.path.join(self.out, "lib")) if "lib" in names else []
        self.assertFalse([name for name in libraries if re.match(r"lib(c|m)\.so", name)])

    def test_cmake_is_asked_for_the_engine_and_the_sanitizer(self):
        self.build(CORDON_TARGETS="tiny", FUZZING_ENGINE="afl", LIB_FUZZING_ENGINE="/usr/lib/libFuzzingEngine.a")
        with open(self.values["ASKED"], encoding="utf-8") as file:
            asked = file.read().splitlines()
        for word in ("-DCMAKE_CXX_COMPILER=clang++", "-DCORDON_FUZZ_ENGINE=/usr/lib/libFuzzingEngine.a", "fuzz-tiny",
                     "-DCORDON_SANITIZE=address,undefined,fuzzer-no-link"):
            self.assertIn(word, asked)
        self.assertNotIn("fuzz-bare", asked)

    def test_what_it_cannot_do_it_refuses(self):
        self.assertIn("the sanitizer memory is not supported", self.build(1, SANITIZER="memory"))
        self.assertIn("no target is called nothing", self.build(1, CORDON_TARGETS="nothing"))
        self.assertEqual(os.listdir(self.out), [])

    def test_the_dictionary_is_one_for_libfuzzer(self):
        with open(self.dictionary, encoding="utf-8") as file:
            text = file.read()
        self.assertIn('op_memory_copy="\\xfc\\x0a"', text)
        self.assertIn('op_i32_add="\\x6a"', text)
        done = subprocess.run([os.path.join(BUILD, "fuzz-tiny"), f"-dict={self.dictionary}", "-runs=1"], capture_output=True, text=True,
                              check=False, env={**os.environ, "TINY_SILENT": "1"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"Dictionary: {len(text.splitlines())} entries", done.stderr)


def documents(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return list(yaml.safe_load_all(file))


class ManifestTest(unittest.TestCase):
    def setUp(self):
        if yaml is None:
            self.skipTest("python3-yaml is not there")

    def pods(self):
        for document in documents("fuzz/kubernetes/campaign.yaml"):
            if document["kind"] == "Job":
                yield document["spec"]["template"]["spec"]
            elif document["kind"] == "CronJob":
                yield document["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    def test_each_container_runs_a_command_that_exists(self):
        seen = set()
        for pod in self.pods():
            for container in pod["containers"]:
                options = cli.parser().parse_args(container["args"])
                seen.add(options.command)
        self.assertEqual(seen, {"start", "merge"})

    def test_pods_have_no_rights(self):
        for pod in self.pods():
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertIs(pod["automountServiceAccountToken"], False)
            self.assertFalse([volume for volume in pod["volumes"] if "hostPath" in volume])
            for container in pod["containers"]:
                context = container["securityContext"]
                self.assertEqual(context["capabilities"]["drop"], ["ALL"])
                self.assertIs(context["allowPrivilegeEscalation"], False)
                self.assertTrue(context["readOnlyRootFilesystem"])
                self.assertIn("memory", container["resources"]["limits"])
                mounts = {mount["name"] for mount in container["volumeMounts"]}
                self.assertEqual(mounts, {volume["name"] for volume in pod["volumes"]})

    def test_the_job_is_indexed_and_its_exit_codes_are_ours(self):
        job = next(d for d in documents("fuzz/kubernetes/campaign.yaml") if d["kind"] == "Job")["spec"]
        self.assertEqual(job["completionMode"], "Indexed")
        self.assertEqual(job["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"], [cli.errors.BUGS, cli.errors.RESOURCES])

    def test_manifests_pass_their_schemas_where_these_are_there(self):
        tool = shutil.which("kubernetes-validate")
        if tool is None:
            self.skipTest("kubernetes-validate is not there")
        subprocess.run([tool, "--strict", os.path.join(ROOT, "fuzz/kubernetes/campaign.yaml")], check=True, capture_output=True)

    def test_projects_name_what_the_services_know(self):
        project = documents("fuzz/oss-fuzz/project.yaml")[0]
        known = {"homepage", "main_repo", "primary_contact", "language", "base_os_version", "architectures", "fuzzing_engines", "sanitizers"}
        self.assertEqual(set(project), known)
        self.assertLessEqual(set(project["fuzzing_engines"]), {"libfuzzer", "afl", "honggfuzz", "centipede"})
        self.assertEqual(project["sanitizers"], ["address"])
        lite = documents(".clusterfuzzlite/project.yaml")[0]
        self.assertEqual((lite["language"], lite["base_os_version"]), (project["language"], project["base_os_version"]))

    def test_scripts_parse_and_images_are_of_one_system(self):
        for script in glob.glob(os.path.join(ROOT, "fuzz/oss-fuzz/*.sh")) + [os.path.join(ROOT, ".clusterfuzzlite/build.sh")]:
            subprocess.run(["bash", "-n", script], check=True)
            self.assertTrue(os.access(script, os.X_OK))
        bases = set()
        for name in ("fuzz/oss-fuzz/Dockerfile", ".clusterfuzzlite/Dockerfile"):
            with open(os.path.join(ROOT, name), encoding="utf-8") as file:
                bases |= set(re.findall(r"^FROM (\S+)", file.read(), re.MULTILINE))
        self.assertEqual(len(bases), 1)
        self.assertTrue(bases.pop().endswith(":" + documents("fuzz/oss-fuzz/project.yaml")[0]["base_os_version"]))


if __name__ == "__main__":
    unittest.main()
