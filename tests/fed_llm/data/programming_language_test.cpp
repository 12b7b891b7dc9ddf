#include "fed_llm/data/programming_language.hpp"

#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

std::string language(std::string_view instruction, std::string_view input = {}) {
    return programming_language(instruction, input).value_or("none");
}

}  // namespace

TEST_CASE("an input that is the name of a language is the language") {
    CHECK(language("Sort the words.", "Python") == "Python");
    CHECK(language("Sort the words in Java.", "C++") == "C++");
    CHECK(language("Sort the words.", "X86-64 Assembly") == "X86-64 Assembly");
    CHECK(language("Sort the words.", "Python is nice") == "none");
}

TEST_CASE("otherwise the language named first in the instruction is") {
    CHECK(language("Write a Python function.") == "Python");
    CHECK(language("write some python3 code") == "Python");
    CHECK(language("Write JavaScript, not Java.") == "JavaScript");
    CHECK(language("Translate this from PHP to Ruby") == "PHP");
    CHECK(language("Lay out a page in HTML/CSS.") == "HTML");
    CHECK(language("Design a class in C++.") == "C++");
    CHECK(language("Create a C# class") == "C#");
    CHECK(language("SQL") == "SQL");
    CHECK(language("Reverse the list.") == "none");
    CHECK(language("") == "none");
}

TEST_CASE("a name inside another word is no language") {
    CHECK(language("Use the Javanese script.") == "none");
    CHECK(language("Write an Objective-C program") == "none");
    CHECK(language("Tell a shell_sql value") == "none");
}

TEST_CASE("names that are words, too, need a word that tells") {
    CHECK(language("Write a C program.") == "C");
    CHECK(language("Reverse a string in C.") == "C");
    CHECK(language("Write Go code to add numbers") == "Go");
    CHECK(language("Compute the mean in R") == "R");
    CHECK(language("Create an R script") == "R");
    CHECK(language("Make a list C of A and B.") == "none");
    CHECK(language("Go through the list.") == "none");
    CHECK(language("let it go in code") == "none");
    CHECK(language("Make a list C; then write a C program.") == "C");
}
