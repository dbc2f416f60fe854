//! The Rust form: rustc itself says whether the code compiles and what its strings are.

use std::path::Path;
use std::process::Command;
use std::{env, fs, process};

use etalon_spec::{Case, Comment, Op, Place, RustTest, Script};

use crate::arbitrary;
use crate::random::Random;

/// In place of the crate: a `replay` that compares the text it is given with a file.
const STUB: &str = r#"
mod etalon_spec {
    pub fn replay<T: std::fmt::Display>(target: &mut T, ops: &str) {
        let path = format!("{}/{target}.ops", std::env::var("TEXTS").unwrap());
        assert!(ops == std::fs::read_to_string(&path).unwrap(), "{path}");
    }
}
"#;

fn scripts() -> Vec<Script> {
    let mut random = Random::new(31);
    let mut scripts: Vec<Script> = (0..150).map(|_| arbitrary::script(&mut random)).collect();
    let key = format!("\"{}", "#".repeat(300)).into_bytes();
    let many_hashes = Script::from(Case::new(vec![Op::Get { key, at: None }]));
    let mut strange_comment = Script::from(Case::default());
    let text = "\u{202e} back \r\t\u{1} \u{e9} \u{1f600} \"# \\n {} \\".to_string();
    strange_comment.comments.push(Comment {
        place: Place::Header,
        text,
    });
    scripts.extend([many_hashes, strange_comment, Script::default()]);
    scripts
}

#[test]
fn rust_tests_compile_and_hold_the_exact_text() {
    let folder = env::temp_dir().join(format!("etalon-rust-form-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut code = STUB.to_string();
    let whys = [
        "",
        "plain",
        "*/ \" \\ \r\n/// second\n\n\u{202e}\u{e9}\t{}",
        "  [link](x) `y",
    ];
    let scripts = scripts();
    for (index, script) in scripts.iter().enumerate() {
        let (name, target) = (format!("{index} a-b"), format!("{index}_u32"));
        let why = whys[index % whys.len()];
        code += &script.to_rust(&RustTest {
            name: &name,
            why,
            target: &target,
        });
        fs::write(folder.join(format!("{index}.ops")), script.print()).unwrap();
    }
    let passed = compile_and_run(&folder, &code);
    assert!(
        passed.contains(&format!("{} passed; 0 failed", scripts.len())),
        "{passed}"
    );
    fs::remove_dir_all(&folder).unwrap();
}

fn compile_and_run(folder: &Path, code: &str) -> String {
    let (source, binary) = (folder.join("tests.rs"), folder.join("tests"));
    fs::write(&source, code).unwrap();
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .args(["--test", "--edition", "2024", "-D", "warnings", "-o"])
        .args([&binary, &source])
        .output()
        .expect("rustc runs");
    let complaints = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{complaints}");
    let ran = Command::new(&binary)
        .env("TEXTS", folder)
        .output()
        .expect("the tests run");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

#[test]
fn a_rust_test_reads_as_a_person_would_write_it() {
    let script = Script::parse("ops 1\n# why: from the file\nput \"#\" \"\"\nget \"#\" -> \"\"\n");
    let test = RustTest {
        name: "Empty value, flushed",
        why: "",
        target: "Toy::default()",
    };
    let expected = "/// from the file\n#[test]\nfn empty_value_flushed() {\n    \
                    let mut target = Toy::default();\n    etalon_spec::replay(\n        \
                    &mut target,\n        r##\"ops 1\n# why: from the file\nput \"#\" \"\"\n\
                    get \"#\" -> \"\"\n\"##,\n    );\n}\n";
    assert_eq!(script.unwrap().to_rust(&test), expected);
}

#[test]
fn any_name_becomes_one_that_rust_takes() {
    let script = Script::default();
    let names = [
        ("", "case"),
        ("9", "case_9"),
        ("match", "case_match"),
        ("_", "case"),
        ("K__k_", "k_k"),
    ];
    for (name, expected) in names {
        let code = script.to_rust(&RustTest {
            name,
            why: "",
            target: "t",
        });
        assert!(
            code.starts_with(&format!("#[test]\nfn {expected}() {{\n")),
            "{code}"
        );
    }
}
