import type { DocsSectionId } from "@headgate/policy";
import { blocks } from "./markdown.ts";
import type { Subject } from "./subject.ts";

/** A page, finished. */
export interface Page {
  /** Of its files, without extension: `headers`. */
  readonly name: string;
  readonly title: string;
  /** One sentence, for lists of pages. */
  readonly summary: string;
  /** The whole page, its title first. */
  readonly markdown: string;
}

/** What a page is made of: what there is to say depends on the policy. */
export interface PagePlan {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly sections: readonly SectionPlan[];
}

/** One section. A section without a heading opens the page. */
interface SectionPlan {
  readonly id: DocsSectionId;
  readonly heading?: string;
  /** Markdown below the heading; undefined where the policy gives nothing to say. */
  readonly write: (subject: Subject) => string | undefined;
}

/** Where the text of a section comes from, instead of what is generated; undefined for those that nobody wrote. */
export type SectionTexts = (id: DocsSectionId) => string | undefined;

/** Writes a page; undefined where none of its sections has anything to say. */
export function writePage(
  { name, title, summary, sections }: PagePlan,
  subject: Subject,
  texts: SectionTexts,
): Page | undefined {
  const written = sections.map((section) => writeSection(section, subject, texts(section.id)));
  if (written.every((text) => text === undefined)) return undefined;
  return { name, title, summary, markdown: `${blocks(`# ${title}`, ...written)}\n` };
}

/** Stands for what is generated, with the space around it: that is Markdown of its own, of several blocks most often. */
const GENERATED = /\n*[ \t]*\{generated\}[ \t]*\n*/g;

function writeSection({ heading, write }: SectionPlan, subject: Subject, own: string | undefined): string | undefined {
  const text = own === undefined ? write(subject) : own.replace(GENERATED, () => `\n\n${write(subject) ?? ""}\n\n`);
  if (text === undefined || text.trim() === "") return undefined;
  return blocks(heading === undefined ? undefined : `## ${heading}`, text.trim());
}
