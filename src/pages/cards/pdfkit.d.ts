// The library has no types of its own; these are of what is used.
declare module 'pdfkit' {
  import type { Readable } from 'node:stream'

  type TextOptions = { width?: number; align?: 'left' | 'right'; lineGap?: number; height?: number; ellipsis?: boolean }

  export default class PDFDocument extends Readable {
    constructor(options: { size: string; margin: number; lang?: string; info: Record<string, string> })
    y: number
    page: { width: number; height: number }
    font(name: 'Helvetica' | 'Helvetica-Bold' | 'Times-Bold' | 'Courier-Bold'): this
    fontSize(size: number): this
    fillColor(color: string): this
    strokeColor(color: string): this
    lineWidth(width: number): this
    text(text: string, options: TextOptions): this
    text(text: string, x: number, y: number, options: TextOptions): this
    heightOfString(text: string, options?: TextOptions): number
    moveDown(lines?: number): this
    rect(x: number, y: number, width: number, height: number): this
    roundedRect(x: number, y: number, width: number, height: number, radius: number): this
    path(d: string): this
    fill(rule?: 'even-odd'): this
    stroke(): this
    save(): this
    restore(): this
    translate(x: number, y: number): this
    scale(factor: number): this
    end(): void
  }
}
