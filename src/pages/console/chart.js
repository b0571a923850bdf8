// Draws the charts of the console from the data that stand in the page. Colours are the sheet's, so light and dark are its business.
;(() => {
  const HEIGHT = 202
  const { uPlot } = window
  const plots = []

  const colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim()

  function optionsOf(element, { kind, locale, day: dayWord, unit, exponent, series }) {
    const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 })
    const exact = new Intl.NumberFormat(locale, { minimumFractionDigits: exponent, maximumFractionDigits: exponent })
    const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
    const axis = {
      stroke: colour(element, '--soft'),
      grid: { stroke: colour(element, '--rule'), width: 1 },
      ticks: { show: false },
      font: `12px ${getComputedStyle(element).fontFamily}`,
    }
    const paths = kind === 'bars' ? uPlot.paths.bars({ size: [0.7, 40], radius: 0.15 }) : undefined
    return {
      width: element.clientWidth,
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: { min: { mode: 1, soft: 0, pad: 0.1 }, max: { mode: 1, soft: 1, pad: 0.1 } } } },
      axes: [
        {
          ...axis,
          values: (_, seconds) => seconds.map((second) => day.format(new Date(second * 1000))),
          space: 64,
          size: 32,
        },
        { ...axis, values: (_, numbers) => numbers.map((number) => compact.format(number)), size: 58 },
      ],
      series: [
        { label: dayWord, value: (_, seconds) => (seconds === null ? '—' : day.format(new Date(seconds * 1000))) },
        ...series.map(({ label }, index) => {
          const stroke = colour(element, `--chart-${index + 1}`)
          return {
            label,
            stroke,
            width: 2,
            ...(paths ? { paths, fill: stroke, points: { show: false } } : { points: { size: 5, fill: stroke } }),
            // The kind of line tells the series apart for those who do not see the colours.
            ...(!paths &&
              index > 0 && {
                dash: [
                  [8, 4],
                  [2, 3],
                  [12, 3, 2, 3],
                  [5, 2],
                  [1, 5],
                ][index - 1],
              }),
            value: (_, number) => (number === null ? '—' : `${exact.format(number)} ${unit}`),
          }
        }),
      ],
    }
  }

  function draw(plot) {
    plot.drawn?.destroy()
    const { element, data } = plot
    plot.width = element.clientWidth
    plot.drawn = new uPlot(optionsOf(element, data), [data.days, ...data.series.map(({ values }) => values)], element)
  }

  for (const figure of document.querySelectorAll('figure.chart')) {
    const element = figure.querySelector('.plot')
    const plot = { element, data: JSON.parse(figure.querySelector('script').textContent) }
    plots.push(plot)
    draw(plot)
  }
  const again = (force) => {
    for (const plot of plots) if (force || plot.element.clientWidth !== plot.width) draw(plot)
  }
  new ResizeObserver(() => again(false)).observe(document.documentElement)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => again(true))
})()
