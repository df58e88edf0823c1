// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What Rust's std::fs does beneath its first argument: told line by line, the same natively
// (ci/real-programs).
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::path::Path;

fn tell<T: std::fmt::Debug>(what: &str, result: Result<T>) {
    match result {
        Ok(value) => println!("{what}: {value:?}"),
        Err(error) => println!("{what}: {:?}", error.kind()),
    }
}

fn names(directory: &Path) -> Result<Vec<(String, bool)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        all.push((entry.file_name().into_string().unwrap(), entry.file_type()?.is_dir()));
    }
    all.sort();
    Ok(all)
}

fn main() -> Result<()> {
    let root = Path::new(&std::env::args().nth(1).unwrap()).join("std_fs");
    tell("create_dir_all", fs::create_dir_all(root.join("a/b/c")));
    tell("create_dir_all again", fs::create_dir_all(root.join("a/b/c")));
    tell("create_dir that is there", fs::create_dir(root.join("a")));
    tell("write", fs::write(root.join("a/file"), "some text"));
    tell("read", fs::read_to_string(root.join("a/file")));
    tell("append", OpenOptions::new().append(true).open(root.join("a/file")).and_then(|mut f| f.write(b", more")));
    tell("create_new", OpenOptions::new().write(true).create_new(true).open(root.join("a/file")).map(|_| ()));
    let mut file = File::options().read(true).write(true).open(root.join("a/file"))?;
    tell("seek", file.seek(SeekFrom::End(-4)));
    let mut rest = String::new();
    tell("read the rest", file.read_to_string(&mut rest));
    println!("{rest}");
    tell("set_len", file.set_len(3));
    tell("len", file.metadata().map(|m| m.len()));
    tell("copy", fs::copy(root.join("a/file"), root.join("a/copy")));
    tell("rename", fs::rename(root.join("a/copy"), root.join("a/b/moved")));
    tell("hard_link", fs::hard_link(root.join("a/file"), root.join("a/link")));
    tell("read_dir", names(&root.join("a")));
    tell("exists", root.join("a/none").try_exists());
    tell("metadata of none", fs::metadata(root.join("a/none")).map(|_| ()));
    println!("remove_dir that is full fails: {}", fs::remove_dir(root.join("a")).is_err());
    tell("remove_file", fs::remove_file(root.join("a/link")));
    tell("read a directory", fs::read(root.join("a")).map(|_| ()));
    tell("remove_dir_all", fs::remove_dir_all(&root));
    tell("read_dir of none", names(&root));
    Ok(())
}
