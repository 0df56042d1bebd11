//! Signatures and encryption, by themselves and against the tools whose formats they have.
#![cfg(test)]

mod encrypted;
mod signed;
mod tools;
